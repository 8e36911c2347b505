import { epcisActions, epcisEventTypes, epcisValuesMax } from "@tagwire/messages";
import { malformedAt } from "../edge/problem.ts";

/* How the values of a query's parameters are written, and read. */

export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A mistake in a parameter, told by its name. */
export const wrongParameter = (name: string, why: string) => malformedAt(`/${name}`, `${why} (querystring)`);

/** Several values stand in one parameter with bars between, as the standard has it, or in one parameter each. */
const valuesOf = (parameters: Parameters, name: string): readonly string[] => {
  const given = parameters[name];
  const values = (typeof given === "string" ? [given] : (given ?? [])).flatMap((one) => one.split("|"));
  if (values.length > epcisValuesMax) throw wrongParameter(name, `names more than ${epcisValuesMax} values`);
  if (values.some((value) => value === "" || /[\u0000\p{Cs}]/u.test(value)))
    throw wrongParameter(name, "must name something");
  return values;
};

/** @throws Refusal `malformed` when it is named twice */
export const singleOf = (parameters: Parameters, name: string): string | undefined => {
  if (parameters[name] === undefined) return undefined;
  const [value, ...more] = valuesOf(parameters, name);
  if (value === undefined || more.length > 0) throw wrongParameter(name, "must name one value");
  return value;
};

export const countOf = (parameters: Parameters, name: string, max: number): number | undefined => {
  const value = singleOf(parameters, name);
  if (value === undefined) return undefined;
  const count = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (count < 1 || count > max) throw wrongParameter(name, `must be a number from 1 to ${max}`);
  return count;
};

type ReadOne = (value: string, name: string) => string;

export const oneOf =
  (known: readonly string[]): ReadOne =>
  (value, name) => {
    if (!known.includes(value)) throw wrongParameter(name, `must be one of ${known.join(", ")}`);
    return value;
  };

/** A word of the vocabulary, however it is spelled: bare, as a link, or as the URN of EPCIS 1. */
export const wordOf = (value: string): string =>
  value
    .replace(/^(https:\/\/ref\.gs1\.org\/cbv\/|cbv:)(BizStep|Disp|BTT|SDT|ER)-/, "")
    .replace(/^urn:epcglobal:cbv:(bizstep|disp|btt|sdt|er):/, "");

const uri: ReadOne = (value, name) => {
  if (/^[A-Za-z][A-Za-z\d+.-]*:\S/.test(value)) return value;
  throw wrongParameter(
    name,
    "must be a URI, such as urn:epc:id:…, urn:epc:idpat:…, urn:tagwire:… or https:…",
  );
};

const asIs: ReadOne = (value) => value;

const instant = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** A plus that was not escaped has become a space on its way. */
const mended = (value: string): string => value.replace(/ (?=\d\d:\d\d$)/, "+");
const isTime = (value: string): boolean => instant.test(value) && !Number.isNaN(Date.parse(value));

const time: ReadOne = (value, name) => {
  if (isTime(mended(value))) return mended(value);
  throw wrongParameter(name, "must be a time with its offset, as RFC 3339 writes it");
};

const isNumber = (value: string): boolean => /^-?\d{1,15}(\.\d{1,15})?$/.test(value);

const number: ReadOne = (value, name) => {
  if (isNumber(value)) return value;
  throw wrongParameter(name, "must be a number");
};

const quantified: ReadOne = (value, name) => {
  if (isNumber(value) || isTime(mended(value))) return mended(value);
  throw wrongParameter(name, "must be a number, or a time with its offset");
};

/** What stands behind a parameter: many values, of which one must hold, or a single one. */
const kinds = {
  types: { isMany: true, read: oneOf(epcisEventTypes) },
  actions: { isMany: true, read: oneOf(epcisActions) },
  words: { isMany: true, read: wordOf },
  uris: { isMany: true, read: uri },
  texts: { isMany: true, read: asIs },
  numbers: { isMany: true, read: number },
  number: { isMany: false, read: number },
  time: { isMany: false, read: time },
  "number or time": { isMany: false, read: quantified },
  boolean: { isMany: false, read: oneOf(["true", "false"]) },
} as const satisfies Record<string, { isMany: boolean; read: ReadOne }>;
export type ValueKind = keyof typeof kinds | "presence";

/** That something is asked to be there is said by naming it; what stands behind it means no more. */
const present = ["", "true", "1"];

/**
 * The values behind a parameter as its kind has them; none for what is only to be there.
 *
 * @throws Refusal `malformed`, with the parameter's name as pointer
 */
export const readValues = (parameters: Parameters, name: string, kind: ValueKind): readonly string[] => {
  if (kind === "presence") {
    const given = [parameters[name] ?? ""].flat();
    if (given.length === 1 && present.includes(given[0] ?? "")) return [];
    throw wrongParameter(name, "must be true, or be left out");
  }
  const { isMany, read } = kinds[kind];
  const values = isMany ? valuesOf(parameters, name) : [singleOf(parameters, name) ?? ""];
  return values.map((value) => read(value, name));
};
