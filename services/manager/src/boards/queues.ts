import type { PlacedChange } from "../actors/live-messages.ts";
import { concernsQueues, foldQueues, type KnownQueues } from "../actors/queue-book.ts";
import { findQueues } from "../store/service-queues.ts";
import { board } from "./board.ts";

/** What waits in service. Nothing is kept besides the items themselves: it is only said when something changes there. */
export const queues = board<KnownQueues, readonly PlacedChange[]>({
  name: "queues.1",
  tables: [],
  concerns: concernsQueues,
  find: findQueues,
  fold: (known, { happenings }) => foldQueues(known, happenings),
  save: async () => {},
  news: (changes) => ({ queues: changes }),
});
