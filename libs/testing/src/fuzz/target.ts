/** Takes down one thing that a parser said, as text, in the order in which it was said. */
export type Tell = (said: string) => void;

/** A parser in the middle of a stream. */
export type OpenStream = {
  readonly push: (chunk: Uint8Array) => void;
  /** Nothing more will come. */
  readonly end: () => void;
  /** How many bytes it keeps of what has not ended. */
  readonly heldBytes: () => number;
};

/** A parser of what comes in pieces: however it was cut, what it says is the same. */
export type StreamParser = {
  readonly open: (tell: Tell) => OpenStream;
  /** It never keeps more than this, once a push is over. */
  readonly heldBytesMax: number;
};

/** A parser of what is there as a whole. */
export type WholeParser = { readonly read: (bytes: Buffer, tell: Tell) => void };

/** What every hunt has to know of a parser. Bytes are written as hex; a blank in it means nothing. */
export type FuzzTarget = {
  readonly name: string;
  /** Where hunts begin, and what was found once. */
  readonly corpus: readonly string[];
  /** Pieces that the language is made of, which chance alone would not find. */
  readonly pieces?: readonly string[];
  /** Puts check sums right, since without it nearly every change ends at them. */
  readonly repair?: (bytes: Buffer) => void;
  /** What it may throw by its own word; a stream that throws nothing has none. */
  readonly isNamed: (error: unknown) => boolean;
  readonly parser: StreamParser | WholeParser;
};

export const bytesOfHex = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ""), "hex");

/** No input of a hunt is longer, in bytes. */
export const inputBytesMax = 8_192;
/** No input takes longer, in ms of processor time. */
export const inputMsMax = 20;
