/** Deeper values than this are refused: a cycle would otherwise end in a stack overflow. */
const depthMax = 64;

/** Characters that JSON escapes: controls, the quote, the backslash, and surrogates, which may stand alone. */
const needsEscape = /[\u0000-\u001f"\\\ud800-\udfff]/;

const quote = (text: string): string => (needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`);

/** An object literal of any realm: its prototype is null or has no prototype itself. A Date or a Map is neither. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const writeArray = (items: readonly unknown[], depth: number): string => {
  let text = "[";
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ",";
    text += write(items[index], depth);
  }
  return `${text}]`;
};

const writeObject = (value: object, depth: number): string => {
  if (!isPlain(value)) throw new TypeError("only plain objects have a canonical form");
  const members = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(members);
  if (keys.length > 1) keys.sort();
  let text = "";
  for (const key of keys) {
    const member = members[key];
    if (member === undefined) continue;
    text += `${text === "" ? "{" : ","}${quote(key)}:${write(member, depth)}`;
  }
  return text === "" ? "{}" : `${text}}`;
};

const write = (value: unknown, depth: number): string => {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical form`);
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (depth >= depthMax)
        throw new TypeError(`a value nested deeper than ${depthMax} has no canonical form`);
      return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1);
    default:
      throw new TypeError(`a ${typeof value} has no canonical form`);
  }
};

/**
 * JSON with one spelling for each value: members sorted by the UTF-16 code units of their keys, no white space, members
 * that are undefined left out, numbers and strings as `JSON.stringify` writes them. This is the form of RFC 8785.
 *
 * The chain of the event log is made of hashes over this text, so it must never change for a value already written.
 *
 * @throws TypeError for what JSON cannot hold: NaN, infinities, bigints, functions, symbols, undefined outside an
 * object, instances of classes, and anything nested more than 64 deep
 */
export const canonicalJson = (value: unknown): string => write(value, 0);
