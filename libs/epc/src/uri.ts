import { malformed } from "./epc-error.ts";

/** Characters that a URI keeps for itself and that stand in EPC URIs only as `%XX` (TDS 1.13, tables of characters). */
const kept = /["#%&/<>?]/;
const keptEverywhere = /["#%&/<>?]/g;
const escaped = /%([0-9A-Fa-f]{2})/g;

const escapePart = (text: string): string =>
  text.replace(keptEverywhere, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const unescapePart = (text: string): string => {
  if (kept.test(text.replace(escaped, ""))) throw malformed(`"${text}" needs percent escapes`);
  return text.replace(escaped, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
};

/** Joins parts with dots, with escapes where a part needs them. */
export const joinParts = (parts: readonly string[]): string => parts.map(escapePart).join(".");

/**
 * Splits the body of a URI into exactly `count` parts, without escapes. A dot may be part of a serial number, and serial
 * numbers come last, so the last part takes all that is left.
 *
 * @throws EpcError `epc_malformed` when there are fewer parts or a character stands without its escape
 */
export const splitParts = (body: string, count: number): string[] => {
  const parts = body.split(".");
  if (parts.length < count) throw malformed(`expected ${count} parts between dots, found ${parts.length}`);
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(".")].map(unescapePart);
};
