/** The bounds of a conversation with an LLRP reader. Times in ms. */
export type LlrpLimits = {
  readonly connectTimeoutMs: number;
  /** From the connection to the reader's first words. */
  readonly greetingTimeoutMs: number;
  readonly answerTimeoutMs: number;
  /** For questions that simple readers leave unanswered: their version, what they are, how they are set, what runs. */
  readonly questionTimeoutMs: number;
  /** How often the reader is asked to show that it lives. */
  readonly keepaliveMs: number;
  /** For each of stopping, deleting and closing, so that what a reader leaves unanswered costs the others nothing. */
  readonly goodbyeStepTimeoutMs: number;
  /** Garbage in a row after which the other side is taken not to speak LLRP. */
  readonly garbageBytesMax: number;
  /** What may wait to be sent; a reader that takes nothing is as good as dead. */
  readonly unsentBytesMax: number;
  /** How often an ROSpec that ended is started again within {@link LlrpLimits.restartWindowMs}. */
  readonly restartsMax: number;
  readonly restartWindowMs: number;
};

export const llrpLimits: LlrpLimits = {
  connectTimeoutMs: 5_000,
  greetingTimeoutMs: 5_000,
  answerTimeoutMs: 5_000,
  questionTimeoutMs: 2_500,
  keepaliveMs: 5_000,
  goodbyeStepTimeoutMs: 500,
  garbageBytesMax: 256 * 1024,
  unsentBytesMax: 1024 * 1024,
  restartsMax: 10,
  restartWindowMs: 60_000,
};

/** So many entries of a report are heard at once; then others have a turn. Real readers report fewer at a time. */
export const entriesPerTurnMax = 1_000;
/** What a reader says besides reports is a hundredth of this, in bytes; what is longer is not looked into, for that would hold up the others. */
export const messageBytesMax = 64 * 1024;

/** Silence longer than this many keepalives means that the reader is gone: one may be lost, two are not. */
export const silentKeepalives = 2.5;
