import {
  type CreateReader,
  Fault,
  type PatchReader,
  type ReaderSettingsRow,
  type SettingsOutcome,
} from "@tagwire/messages";
import type { ReaderSettings } from "../store/readers.ts";
import { patched, sameSettings, settingsOf } from "./reader-settings.ts";

export type RowSteps = {
  /** @throws Fault `reader.settings` when a reader here cannot have them. */
  readonly check: (settings: ReaderSettings) => ReaderSettings;
  /** What the reader has now; undefined when there is none. */
  readonly known: ReaderSettings | undefined;
  readonly dryRun: boolean;
  readonly create: (reader: CreateReader) => Promise<unknown>;
  readonly patch: (change: PatchReader) => Promise<unknown>;
};

/** A row about a reader that there is not yet. What it takes away was never there. */
const newReaderOf = (row: ReaderSettingsRow): CreateReader => {
  if (row.driver === undefined)
    throw new Fault("reader.settings", `there is no reader ${row.id}, and a new one needs a driver`);
  const given = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(given) as CreateReader;
};

/**
 * Takes one row of an import of settings: a reader is made, changed, or left as it is.
 *
 * @throws Fault `reader.settings` when the reader cannot have them; nothing was changed then.
 */
export const takeSettingsRow = async (row: ReaderSettingsRow, steps: RowSteps): Promise<SettingsOutcome> => {
  const { check, known, dryRun, create, patch } = steps;
  if (known === undefined) {
    const reader = newReaderOf(row);
    check(settingsOf(reader));
    if (!dryRun) await create(reader);
    return "created";
  }
  const { id: _, ...change } = row;
  const next = check(patched(known, change));
  if (sameSettings(known, next)) return "unchanged";
  if (!dryRun) await patch(change);
  return "changed";
};
