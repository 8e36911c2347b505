import { answer, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskSettingsHistory,
  Fault,
  type LoggedEvent,
  parsePosition,
  positionText,
  type SettingsChange,
  type SettingsChanged,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { settingsType } from "../actors/settings-note.ts";
import { readSettings } from "../store/settings.ts";
import { readAtHead } from "./at-head.ts";
import { pageOf } from "./page.ts";

const changeOf = ({ epoch, pos, receivedAt, by, traceId, data }: LoggedEvent): SettingsChange => {
  const { was, now } = data as SettingsChanged;
  // The log may hear of it much later; whoever changed it did so when it was noted.
  return { epoch, pos, at: receivedAt, by, was, now, traceId };
};

/** Who set what of a reader, a station or a zone, from the log itself. */
export const answerSettingsHistory = (bus: Bus, sql: Sql): Subscription =>
  answer(bus, AskSettingsHistory, async ({ about, cursor, ...query }) => {
    const before = cursor === null ? undefined : parsePosition(cursor);
    if (cursor !== null && before === undefined) throw new Fault("malformed", "cursor");
    return readAtHead(sql, query.site, async (at) => {
      const events = await readSettings(at, { ...query, type: settingsType[about], before });
      const { page, more } = pageOf(events, query.limit);
      const last = page.at(-1);
      return { changes: page.map(changeOf), next: more && last !== undefined ? positionText(last) : null };
    });
  });
