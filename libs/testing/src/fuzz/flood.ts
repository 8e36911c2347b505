import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { throwDice } from "./dice.ts";
import { mutate } from "./mutate.ts";
import { bytesOfHex, type FuzzTarget } from "./target.ts";

/** More than any parser may keep, by far. */
export const floodBytes = 12 * 2 ** 20;
/** As sockets bring it. */
const chunkBytes = 64 * 2 ** 10;
/** What the engine itself has come to use meanwhile, and what a buffer that doubles has to spare. */
const slackBytes = 12 * 2 ** 20;

const collectGarbage = (): void => {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
};

const usedBytes = (): number => {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

export type Flood = {
  readonly bytes: number;
  /** The most that the parser itself said it kept. */
  readonly heldBytes: number;
  readonly heldBytesMax: number;
  /** By how much the process has grown while the parser was still open. */
  readonly grownBytes: number;
  readonly grownBytesMax: number;
};

/** Pours garbage, a third of it noise, a third beginnings that never end, a third broken speech, into an open parser. */
export const flood = (target: FuzzTarget, seed: number): Flood => {
  const { parser } = target;
  if ("read" in parser) throw new TypeError(`${target.name} is no stream`);
  const dice = throwDice(seed);
  const kept = target.corpus.map(bytesOfHex);
  const pieces = (target.pieces ?? []).map(bytesOfHex);
  const noise = (): Buffer => Buffer.from(Array.from({ length: 256 }, () => dice.below(256)));
  const beginning = (): Buffer => {
    const whole = dice.oneOf([...pieces, ...kept]);
    return whole.subarray(0, 1 + dice.below(whole.length));
  };
  const broken = (): Buffer => mutate({ dice, kept, pieces });
  const chunkOf = (make: () => Buffer): Buffer => {
    const made: Buffer[] = [];
    for (let length = 0; length < chunkBytes; length += made.at(-1)?.length ?? 0) {
      const one = make();
      made.push(one.length === 0 ? noise() : one);
    }
    return Buffer.concat(made).subarray(0, chunkBytes);
  };
  const kinds = [noise, beginning, broken];

  let said = 0;
  const stream = parser.open((one) => {
    said += one.length;
  });
  const before = usedBytes();
  let heldBytes = 0;
  let bytes = 0;
  for (; bytes < floodBytes; bytes += chunkBytes) {
    stream.push(chunkOf(kinds[Math.floor((bytes * kinds.length) / floodBytes)] ?? noise));
    heldBytes = Math.max(heldBytes, stream.heldBytes());
  }
  const grownBytes = usedBytes() - before;
  stream.end();
  if (said === 0) throw new Error(`${target.name} said nothing about ${bytes} bytes of garbage`);
  const { heldBytesMax } = parser;
  return { bytes, heldBytes, heldBytesMax, grownBytes, grownBytesMax: 2 * heldBytesMax + slackBytes };
};
