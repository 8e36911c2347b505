import Type, { type Static } from "typebox";
import { event } from "./events.ts";

/** What can be set at a site besides its stock, each by an id. */
export const settable = ["reader", "station"] as const;
export type Settable = (typeof settable)[number];

const Settings = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);

/** What was set, and what it is from then on; null where there is nothing. */
export const SettingsBody = Type.Object({
  id: Type.String(),
  was: Settings,
  now: Settings,
});
export type SettingsChanged = Static<typeof SettingsBody>;

/**
 * A reader was added (`was` is null), set otherwise, started, stopped or removed (`now` is null), or got another key, or none: `keyMadeAt` says
 * since when it has one. Passwords and keys are never told.
 */
export const ReaderConfigured = event({ type: "reader.configured.v1", entity: "reader", body: SettingsBody });

/** A station was added, set otherwise or removed. */
export const StationConfigured = event({
  type: "station.configured.v1",
  entity: "station",
  body: SettingsBody,
});

export const settingsEvents = [ReaderConfigured, StationConfigured] as const;

/** What whoever keeps settings tells the log of a change that it has made. */
export const NoteSettings = Type.Object({ about: Type.Enum(settable), ...SettingsBody.properties });
export type NoteSettings = Static<typeof NoteSettings>;
