import { type DriverName, Fault, type PutStation, type ReadRules, type Station } from "@tagwire/messages";
import { listensAt } from "../actors/binding.ts";
import type { ReaderSettings } from "../store/readers.ts";
import { forms } from "./reader-forms.ts";

/*
 * The number of a chip cannot be the name of a tag, or part of it, where no read ever brings one: by TID alone a reader would hear nothing,
 * and by both two chips with one EPC would be one tag, whatever was asked for. So neither can be set.
 */

const namesByChip = ({ identity = "epc" }: ReadRules): boolean => identity !== "epc";
const tellsNoTid = (driver: DriverName): boolean => forms[driver].tellsNoTid === true;

/** @throws Fault `reader.settings` when the rules of a reader name tags by what it never tells. */
export const checkOwnRules = ({ driver, rules = {} }: ReaderSettings): void => {
  if (tellsNoTid(driver) && namesByChip(rules))
    throw new Fault(
      "reader.settings",
      `${driver} readers never tell a TID, so rules.identity of theirs is epc, not ${rules.identity}`,
    );
};

/** The settings. @throws Fault `reader.settings` when a station that the reader is bound to names tags by what it never tells. */
export const checkAtStations = (settings: ReaderSettings, stations: Iterable<Station>): ReaderSettings => {
  if (!tellsNoTid(settings.driver)) return settings;
  for (const { id, rules } of stations)
    if (namesByChip(rules) && listensAt(settings, id))
      throw new Fault(
        "reader.settings",
        `${settings.driver} readers never tell a TID, and rules.identity of station ${id} is ${rules.identity}`,
      );
  return settings;
};

/** A reader as far as stations ask for it. */
type BoundReader = { readonly id: string; readonly settings: ReaderSettings };

/** @throws Fault `station.settings` when a station would name tags by what a reader that is bound to it never tells. */
export const checkBoundReaders = (
  station: string,
  { rules = {} }: PutStation,
  readers: Iterable<BoundReader>,
): void => {
  if (!namesByChip(rules)) return;
  for (const { id, settings } of readers)
    if (tellsNoTid(settings.driver) && listensAt(settings, station))
      throw new Fault(
        "station.settings",
        `rules.identity is ${rules.identity}, and reader ${id} listens there: ${settings.driver} readers never tell a TID`,
      );
};
