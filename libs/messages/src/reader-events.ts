import Type, { type Static } from "typebox";
import { Instant, ReaderId, SiteId } from "./ids.ts";
import { By } from "./items.ts";
import { question } from "./question.ts";

/** A reader's own key: with it the reader pushes its events, and can do nothing else. */
export const readerKeyPattern = /^twr_[A-Za-z0-9_-]{43}$/;

/** What is kept of a key, and travels: its SHA-256 in hex. */
const KeyHash = Type.String({ pattern: "^[0-9a-f]{64}$" });

const OneReader = { site: SiteId, id: ReaderId };
/** Who asks, for the log; whoever does not say so is of an older version. */
const asker = { by: Type.Optional(By) };

/** Events that one message may hold, and that one body may. */
export const eventsPerMessageMax = 2_000;
export const eventsPerBodyMax = 10_000;

/** What became of events that a reader pushed. */
export const PushedEvents = Type.Object(
  {
    taken: Type.Integer({ description: "events that were read, whatever they were about" }),
    malformed: Type.Integer({
      description: "events that could not be read; they count as such at the reader",
    }),
    repeated: Type.Integer({ description: "events that had come before, and count once" }),
  },
  { description: "what became of the events; what was taken is kept" },
);
export type PushedEvents = Static<typeof PushedEvents>;

/**
 * A reader pushed events; answered when what they say is in Postgres. `key` is the hash of the key that came with them, null when
 * somebody pushed them who may do everything. `unreadable` stands for a body that was no JSON: it has the reason and its beginning.
 */
export const AskTakeEvents = question({
  service: "reader-gateway",
  name: "take-events",
  question: Type.Object({
    ...OneReader,
    key: Type.Union([KeyHash, Type.Null()]),
    events: Type.Array(Type.Unknown(), { maxItems: eventsPerMessageMax }),
    unreadable: Type.Optional(
      Type.Object({ reason: Type.String({ maxLength: 200 }), start: Type.String({ maxLength: 256 }) }),
    ),
  }),
  answer: PushedEvents,
});

export const NewReaderKey = Type.Object(
  { key: Type.String({ description: "shown this once" }), keyMadeAt: Instant },
  { description: "the reader's new key, whose text is shown this once" },
);

/** Makes a key; the one before ends with that. */
export const AskMakeReaderKey = question({
  service: "reader-gateway",
  name: "make-reader-key",
  question: Type.Object({ ...OneReader, ...asker }),
  answer: NewReaderKey,
});

export const AskEndReaderKey = question({
  service: "reader-gateway",
  name: "end-reader-key",
  question: Type.Object({ ...OneReader, ...asker }),
  answer: Type.Object({ ended: Type.Boolean() }),
});

/** Whether this is the reader's key. Of a reader that there is not, it never is. */
export const AskIsReaderKey = question({
  service: "reader-gateway",
  name: "is-reader-key",
  question: Type.Object({ ...OneReader, key: KeyHash }),
  answer: Type.Object({ isKey: Type.Boolean() }),
});

/** What one reader publishes over MQTT, to topics `readers/<site>/<reader>/…`: the last part is the reader's own affair. */
export const readerPostSubject = (site: SiteId, id: ReaderId): string => `readers.${site}.${id}.>`;

/**
 * The events in what a reader pushes: an array of them (Impinj's webhook, Zebra's batches), one alone, or `{"reads":[…]}` from whoever
 * has no form of their own.
 */
export const eventsIn = (body: unknown): readonly unknown[] => {
  if (Array.isArray(body)) return body;
  const reads = typeof body === "object" && body !== null && "reads" in body ? body.reads : undefined;
  return Array.isArray(reads) ? reads : [body];
};

/** No reader nests its events deeper. */
const depthMax = 64;

/** Whether an event nests so deep that writing it down again could run out of stack, as reading it does not. */
export const isTooDeep = (event: unknown, left = depthMax): boolean =>
  typeof event === "object" &&
  event !== null &&
  (left === 0 || Object.values(event).some((one) => isTooDeep(one, left - 1)));
