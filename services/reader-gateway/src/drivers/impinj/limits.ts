/** Bounds of a conversation with a reader's IoT device interface. Its load is what a slow reader in a full field needs. */
export const impinjLimits = {
  answerTimeoutMs: 5_000,
  /** The description of a preset is the longest answer. */
  answerBytesMax: 512 * 1_024,
  lineBytesMax: 64 * 1_024,
  /** A line that has not ended after so much is none, and neither is anything else of that stream. */
  endlessBytesMax: 1_024 * 1_024,
  /** The reader sends an empty line when it had nothing to say for so long, in s. */
  keepAliveSeconds: 5,
  /** Nothing at all for so long, in ms, means that the stream is dead, whatever the socket believes. */
  silenceMs: 16_000,
  /** What the reader keeps for us while nobody fetches it. */
  keptEvents: 10_000,
  keptMinutes: 5,
  farewellMs: 1_500,
  /** So many lines in a row that nobody can read mean another protocol. */
  unreadableMax: 100,
} as const;

export type ImpinjLimits = { readonly [Name in keyof typeof impinjLimits]: number };
