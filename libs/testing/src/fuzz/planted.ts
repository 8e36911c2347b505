import type { FuzzTarget } from "./target.ts";

/*
 * Parsers with a mistake each, to see that a hunt finds it. Nobody uses them.
 */

const magic = [0x7f, 0x80, 0xff, 0x0d] as const;

/** Fails behind four bytes that have to be met one after the other: each is one in many, all at once are never guessed. */
const readDeep = (bytes: Buffer): string => {
  if (bytes[1] !== magic[0]) return "no head";
  if (bytes[3] !== magic[1]) return "no second";
  if (bytes[5] !== magic[2]) return "no third";
  if (bytes[7] !== magic[3]) return "no fourth";
  throw new RangeError("planted deep");
};

/** Believes a length. */
const readTrusting = (bytes: Buffer): string => {
  if (bytes.length < 2) return "short";
  const length = bytes.readUInt8(0);
  return String(bytes.readUInt8(length));
};

/** Time is judged against how fast the machine goes now: so long that it is too long on any. */
const tooLongMs = 200;

const usedMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Uses the processor itself: time that passes while others have it does not count. */
const readSlowly = (bytes: Buffer): string => {
  const endMs = usedMs() + (bytes[0] === 0xff ? tooLongMs : 0);
  let rounds = 0;
  while (usedMs() < endMs) rounds += 1;
  return String(rounds > 0);
};

const isNamed = (): boolean => false;
const zeros = ["0000000000000000"];

export const fuzzTargets: readonly FuzzTarget[] = [
  { name: "deep", corpus: zeros, isNamed, parser: { read: (bytes, tell) => tell(readDeep(bytes)) } },
  {
    name: "trusting",
    corpus: ["0201ff00"],
    isNamed,
    parser: { read: (bytes, tell) => tell(readTrusting(bytes)) },
  },
  { name: "slow", corpus: ["0000"], isNamed, parser: { read: (bytes, tell) => tell(readSlowly(bytes)) } },
  {
    name: "forgetful",
    corpus: ["010a020a"],
    isNamed,
    // What a chunk ends with counts as ended.
    parser: {
      heldBytesMax: 0,
      open: (tell) => ({
        push: (chunk) => tell(Buffer.from(chunk).toString("hex")),
        end: () => {},
        heldBytes: () => 0,
      }),
    },
  },
  {
    name: "hoarding",
    corpus: ["0102"],
    isNamed,
    parser: {
      heldBytesMax: 64,
      open: (tell) => {
        const held: Uint8Array[] = [];
        return {
          push: (chunk) => {
            held.push(Uint8Array.from(chunk));
            if (chunk.length === 0) tell("nothing");
          },
          end: () => tell(`${held.length > 0}`),
          heldBytes: () => held.reduce((sum, { length }) => sum + length, 0),
        };
      },
    },
  },
];
