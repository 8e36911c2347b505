/** What stands in a row's form. Numbers are safe integers, or finite ones inside a document. */
export type FormValue =
  | null
  | boolean
  | number
  | string
  | readonly FormValue[]
  | { readonly [member: string]: FormValue };

const utf8 = new TextEncoder();

/** Postgres sorts the members of a document by the bytes of their names, shorter ones first. */
const byLengthThenBytes = (left: string, right: string): number => {
  const a = utf8.encode(left);
  const b = utf8.encode(right);
  return a.length - b.length || Buffer.compare(a, b);
};

const exponential = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/;

/** A number without an exponent, as Postgres writes it. */
const numberText = (value: number): string => {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no form`);
  const text = String(value === 0 ? 0 : value);
  const [, sign, whole, fraction = "", power] = exponential.exec(text) ?? [];
  if (power === undefined) return text;
  const exponent = Number(power);
  const digits = `${whole}${fraction}`;
  if (exponent >= 0) return `${sign}${digits.padEnd(exponent + 1, "0")}`;
  return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
};

/** Postgres escapes what JSON must escape; of the characters below the space those with a short name by that. */
const stringText = (text: string): string => {
  if (text.includes("\0") || !text.isWellFormed())
    throw new TypeError("a NUL or half a surrogate pair has no form, because Postgres cannot hold it");
  return JSON.stringify(text);
};

/**
 * JSON as Postgres writes a `jsonb`: a space after each colon and comma, members sorted by length and then by bytes, numbers
 * without exponents. A row's form is this text of the array of its fields.
 *
 * @throws TypeError for numbers that are not finite, and text that Postgres cannot hold
 */
export const jsonbText = (value: FormValue): string => {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return stringText(value);
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(", ")}]`;
  const members = Object.entries(value as { readonly [member: string]: FormValue });
  members.sort(([left], [right]) => byLengthThenBytes(left, right));
  return `{${members.map(([name, member]) => `${stringText(name)}: ${jsonbText(member)}`).join(", ")}}`;
};
