import {
  type NoteSettings,
  ReaderConfigured,
  type SettingsKept,
  StationConfigured,
  ZoneConfigured,
} from "@tagwire/messages";
import type { Decision, Origin } from "./decision.ts";

/** What an event of settings is called, by what it is of. */
export const settingsType: Readonly<Record<SettingsKept, string>> = {
  reader: ReaderConfigured.type,
  station: StationConfigured.type,
  zone: ZoneConfigured.type,
};

/** Whoever keeps the settings has changed them already: the log only says so. */
export const decideSettingsNote = ({ about, ...data }: NoteSettings, origin: Origin): Decision => ({
  outcome: "accepted",
  flags: [],
  said: { type: settingsType[about], data, ...origin },
});
