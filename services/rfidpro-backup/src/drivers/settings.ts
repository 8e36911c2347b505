import type { RfidproDataset } from "@tagwire/messages";

export type RfidproSettings = {
  /** The part before `/api/v1/login`. */
  readonly loginUrl: string;
  /** The part before `/api/v1/data/<data set>`. */
  readonly dataUrl: string;
  readonly username: string;
  readonly password: string;
  /** The ids of the data sets, which are those of the account. */
  readonly datasets: Readonly<Record<RfidproDataset, string>>;
};

/** How much is asked of RFIDpro, and how much is taken from it. Tests are less patient. */
export const rfidproLimits = {
  /** From the first word to the whole answer, in ms. */
  answerTimeoutMs: 20_000,
  /** The real pages have about 200 kB. */
  answerBytesMax: 8 * 1_024 * 1_024,
  /** Somebody else's server, which others work with: of an account, over all processes. In each of them one question at a time besides. */
  requestsPerSecond: 5,
  triesMax: 5,
  retryDelayMs: 1_000,
  retryDelayMsMax: 30_000,
  /** RFIDpro may ask to come later; for longer than this a run does not wait, in ms. */
  retryAfterMsMax: 120_000,
  /** A token lives for 60 minutes. */
  tokenLifeMs: 60 * 60_000,
  /** So long before its end another one is asked for, in ms. */
  tokenRenewMs: 5 * 60_000,
  /** How often a data set is read from the start until it has stood still. */
  passesMax: 5,
  /** The real one has 26,574 rows in its largest set. */
  rowsMax: 1_000_000,
  requestsMax: 20_000,
  /** Characters of all answers of a data set: the real largest one has 27 million, read once, and every answer is kept until it is archived. */
  readLengthMax: 512 * 1_024 * 1_024,
  /** How long a data set is read at most, in ms: a server that asks to come later before every page would hold a run for days. */
  readMsMax: 6 * 3_600_000,
} as const;
export type RfidproLimits = { readonly [limit in keyof typeof rfidproLimits]: number };

/** RFIDpro gives no more rows in one answer, whatever is asked for. */
export const rowsPerAnswerMax = 200;
