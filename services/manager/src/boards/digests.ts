import type { Digest } from "@tagwire/digest";
import { eventDigests } from "../actors/event-digests.ts";
import { saveEventDigests } from "../store/event-digests.ts";
import { board } from "./board.ts";

/**
 * The digest of the events that were applied. Those of rows keep themselves, in the transaction that writes them; what a site is
 * forgotten by takes all of them with it, last, since rows that go are told there.
 */
export const digests = board<null, ReadonlyMap<number, Digest>>({
  name: "digests.1",
  tables: ["digest_delta", "digest"],
  concerns: () => true,
  find: async (_sql, runs) => new Map(runs.map(({ site }) => [site, null])),
  fold: (_known, { happenings }) => eventDigests(happenings.map(({ event }) => event)),
  save: saveEventDigests,
});
