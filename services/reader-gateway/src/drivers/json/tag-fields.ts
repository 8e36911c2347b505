import { isIsoPc } from "@tagwire/epc";
import type { JsonObject } from "./object.ts";

/** A port beyond this is none that can have a place. */
const portMax = 64;
const pcDigits = 4;
/** What is told under a port that no reader has: it is nobody's antenna, and least of all the first one. */
const noPort = 0;
/** Beyond these no reader hears a tag, in dBm. */
const strengthDbm = { min: -128, max: 20 } as const;

/**
 * The antenna that the first of these members names that is there; undefined when none is. What is told, and is no port, is 0: its reads count, as
 * unattributed, and are not taken to be of an antenna that somebody has put to a place.
 */
export const portIn = (of: JsonObject, names: readonly string[]): number | undefined => {
  const told = names.map((name) => of[name]).find((value) => value !== undefined && value !== null);
  if (told === undefined) return undefined;
  const port = typeof told === "string" && /^\d{1,2}$/.test(told) ? Number(told) : told;
  return typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= portMax ? port : noPort;
};

/** What a tag's protocol control word, in hex, says of its content; nothing where there is none. */
export const isoIn = (pcHex: string | undefined): { readonly isIso?: true } =>
  pcHex !== undefined && pcHex.length === pcDigits && isIsoPc(Number.parseInt(pcHex, 16))
    ? { isIso: true }
    : {};

/** A strength in dBm; null when none is told, or one that cannot be: it would outweigh every true one for as long as it is remembered. */
export const strengthOf = (dbm: number | undefined): number | null =>
  dbm !== undefined && dbm >= strengthDbm.min && dbm <= strengthDbm.max ? dbm : null;
