import Type, { type Static } from "typebox";
import { Instant, SiteId } from "./ids.ts";
import { By } from "./items.ts";
import { question } from "./question.ts";
import { recordPosition } from "./record-position.ts";
import { SettingsBody, settable } from "./settings-events.ts";

/** What has a history of settings. Zones are set at the log itself, so nobody notes them there. */
export const settingsKept = [...settable, "zone"] as const;
export type SettingsKept = (typeof settingsKept)[number];

/** One change of a reader, a station or a zone, as the log has it. */
export const SettingsChange = Type.Object({
  epoch: Type.Integer(),
  pos: Type.Integer(),
  at: Type.Union([Instant], { description: "when it was changed" }),
  by: By,
  was: SettingsBody.properties.was,
  now: SettingsBody.properties.now,
  traceId: Type.String(),
});
export type SettingsChange = Static<typeof SettingsChange>;

/** What was set of one reader, station or zone, by whom and when, the newest first. Also of what is gone: its name may have been somebody else's before. */
export const AskSettingsHistory = question({
  service: "operations",
  name: "settings-history",
  question: Type.Object({
    site: SiteId,
    about: Type.Enum(settingsKept),
    id: Type.String({ maxLength: 64 }),
    limit: Type.Integer({ minimum: 1, maximum: 1_000 }),
    cursor: Type.Union([Type.String(), Type.Null()]),
  }),
  answer: Type.Object({
    changes: Type.Array(SettingsChange),
    next: Type.Union([Type.String(), Type.Null()]),
    ...recordPosition,
  }),
});
