import type { LoggedEvent } from "@tagwire/messages";
import { eventChanges } from "../actors/live-messages.ts";
import { saveRecent } from "../store/recent-events.ts";
import { board } from "./board.ts";

/** The newest events, for whoever opens a screen on them. */
export const newest = board<null, readonly LoggedEvent[]>({
  name: "newest.1",
  tables: ["recent_event"],
  concerns: () => true,
  find: async (_sql, runs) => new Map(runs.map(({ site }) => [site, null])),
  fold: (_known, { happenings }) => happenings.map(({ event }) => event),
  save: saveRecent,
  news: (events) => ({ events: eventChanges(events) }),
});
