import { liveViewOf, type Position } from "@tagwire/messages";
import type { Channel } from "./channel.ts";

/** How far the views of one site that are made of its log have been said, as far as its channels tell. */
export const newestOfLog = (channels: readonly Channel[]): Position | undefined => {
  // Every event is in the events view, so it tells exactly; the others tell at least as much as they have.
  const events = channels.find(({ view }) => view === "events")?.head();
  if (events !== undefined) return events;
  const heads = channels
    .filter(({ view }) => liveViewOf(view).clock === "site")
    .flatMap((channel) => channel.head() ?? []);
  return heads.sort((one, other) => other.pos - one.pos)[0];
};
