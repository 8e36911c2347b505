/** What a stream is called, which subjects it takes and what it keeps. Created by whoever starts first, the same everywhere. */
export type StreamDeclaration = {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** How long the server remembers `Nats-Msg-Id`s, in ms. */
  readonly duplicateWindowMs: number;
};

const hourMs = 3_600_000;
const gibibyte = 2 ** 30;

/** Smoothed reads on their way to operations. The reader-gateway keeps what operations has not taken, so this may be lost. */
export const Observations: StreamDeclaration = {
  name: "OBSERVATIONS",
  subjects: ["observations.*.*.*"],
  maxAgeMs: hourMs,
  maxBytes: gibibyte / 4,
  duplicateWindowMs: 2_000,
};

/**
 * What readers published over MQTT, until the reader-gateway has taken it. Older reads could not be believed any more when they come; a
 * reader's topic `readers/<site>/<reader>/…` is the subject here.
 */
export const ReaderPosts: StreamDeclaration = {
  name: "READERS",
  subjects: ["readers.*.*.>"],
  maxAgeMs: hourMs / 12,
  maxBytes: gibibyte / 4,
  duplicateWindowMs: 2_000,
};

/** Everything that operations has committed. Rebuildable from its log; never the record. */
export const Events: StreamDeclaration = {
  name: "EVENTS",
  subjects: ["events.>"],
  maxAgeMs: 72 * hourMs,
  maxBytes: 2 * gibibyte,
  duplicateWindowMs: 120_000,
};

/** Messages that nobody could read or apply, with the reason. Replayable by hand. */
export const Parked: StreamDeclaration = {
  name: "PARKED",
  subjects: ["parked.>"],
  maxAgeMs: 30 * 24 * hourMs,
  maxBytes: gibibyte / 4,
  duplicateWindowMs: 120_000,
};
