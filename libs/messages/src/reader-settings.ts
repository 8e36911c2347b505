import Type, { type Static } from "typebox";
import { ReaderId, SiteId } from "./ids.ts";
import { By } from "./items.ts";
import { question } from "./question.ts";
import { PatchReader } from "./readers.ts";

/** Rows of one import of settings; a site has no more readers. */
export const settingsRowsMax = 256;

/**
 * The settings of one reader as a file has them. What a row does not say is not touched, and `null` takes away what may be absent. A file
 * that was taken out has no password, so a login is given again by hand where it is wanted.
 */
export const ReaderSettingsRow = Type.Object(
  { id: ReaderId, ...PatchReader.properties },
  { additionalProperties: false },
);
export type ReaderSettingsRow = Static<typeof ReaderSettingsRow>;

export const settingsOutcomes = ["created", "changed", "unchanged"] as const;
export type SettingsOutcome = (typeof settingsOutcomes)[number];

/** Takes the settings of one reader, or says what would become of them. A repeat changes nothing. */
export const AskTakeReaderSettings = question({
  service: "reader-gateway",
  name: "take-reader-settings",
  question: Type.Object({
    site: SiteId,
    by: Type.Optional(By),
    dryRun: Type.Boolean(),
    row: ReaderSettingsRow,
  }),
  answer: Type.Object({ outcome: Type.Enum(settingsOutcomes) }),
});
