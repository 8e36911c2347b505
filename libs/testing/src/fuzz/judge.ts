import type { Dice } from "./dice.ts";
import { type FuzzTarget, inputMsMax } from "./target.ts";

/** What must never be. */
export type Offence = {
  readonly kind: "throws" | "slow" | "cut" | "holds";
  readonly why: string;
};

/** So often a slow input is measured again: other processes, compiling and collecting are not its fault. */
const measuredAgain = 5;
/** So many places at which one input is cut, at most. */
const cutsMax = 5;

/** What is said of the bytes in these pieces. Throws what the parser throws. */
export const saidOf = ({ parser }: FuzzTarget, chunks: readonly Buffer[]): readonly string[] => {
  const said: string[] = [];
  const tell = (one: string): void => void said.push(one);
  if ("read" in parser) {
    parser.read(Buffer.concat(chunks), tell);
    return said;
  }
  const stream = parser.open(tell);
  for (const chunk of chunks) {
    stream.push(chunk);
    const held = stream.heldBytes();
    if (held > parser.heldBytesMax) throw new HoldsTooMuch(held, parser.heldBytesMax);
  }
  stream.end();
  return said;
};

class HoldsTooMuch extends Error {
  constructor(held: number, max: number) {
    super(`it keeps ${held} bytes, and ${max} are its bound`);
  }
}

type Outcome = { readonly said: readonly string[] | undefined } | { readonly offence: Offence };

const outcomeOf = (target: FuzzTarget, chunks: readonly Buffer[]): Outcome => {
  try {
    return { said: saidOf(target, chunks) };
  } catch (error) {
    if (error instanceof HoldsTooMuch) return { offence: { kind: "holds", why: error.message } };
    if (target.isNamed(error)) return { said: undefined };
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { offence: { kind: "throws", why } };
  }
};

const processorMs = (work: () => unknown): number => {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
};

/** A piece of work that is always the same, and what it takes on the machine and in the quiet for which the bound is given. */
const referenceRounds = 600_000;
const referenceMs = 40;
const reference = (): string => {
  let text = "";
  for (let round = 0; round < referenceRounds; round += 1) text = (text + round.toString(36)).slice(-64);
  return text;
};

/** How much slower this thread goes now than that; a machine that is shared, or old, is not the parser's fault. */
const slowdown = (): number => Math.max(1, processorMs(reference) / referenceMs);

const slowness = (target: FuzzTarget, bytes: Buffer): Offence | undefined => {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let left = measuredAgain; left > 0 && leastMs > inputMsMax; left -= 1)
    leastMs = Math.min(
      leastMs,
      processorMs(() => outcomeOf(target, [bytes])),
    );
  // Measured last and only then: it takes longer than what it judges.
  if (leastMs > inputMsMax) leastMs /= slowdown();
  return leastMs > inputMsMax
    ? { kind: "slow", why: `${leastMs.toFixed(1)} ms, and ${inputMsMax} are its bound` }
    : undefined;
};

/** The same bytes in pieces; places may coincide, and then a piece is empty. */
export const cutAt = (bytes: Buffer, places: readonly number[]): readonly Buffer[] => {
  const sorted = [0, ...places.toSorted((a, b) => a - b)];
  return sorted.map((from, index) => bytes.subarray(from, sorted[index + 1] ?? bytes.length));
};

const differenceOf = (whole: readonly string[] | undefined, cut: readonly string[] | undefined): string => {
  const at = (whole ?? []).findIndex((one, index) => one !== cut?.[index]);
  const index = at < 0 ? (whole?.length ?? 0) : at;
  return `at once it says ${whole?.[index] ?? "nothing more"}, in pieces ${cut?.[index] ?? "nothing more"}`;
};

const isSame = (one: readonly string[] | undefined, other: readonly string[] | undefined): boolean =>
  one?.length === other?.length && (one ?? []).every((said, index) => said === other?.[index]);

/** Whether a cut changes what is said; `places` in bytes. */
export const cutOffence = (
  target: FuzzTarget,
  bytes: Buffer,
  places: readonly number[],
): Offence | undefined => {
  if ("read" in target.parser) return undefined;
  const whole = outcomeOf(target, [bytes]);
  if ("offence" in whole) return whole.offence;
  const cut = outcomeOf(target, cutAt(bytes, places));
  if ("offence" in cut) return cut.offence;
  if (isSame(whole.said, cut.said)) return undefined;
  return { kind: "cut", why: `cut at ${places.join(", ")}: ${differenceOf(whole.said, cut.said)}` };
};

/** What is wrong with how a parser takes these bytes: at once, in pieces, and in time. */
export const judge = (target: FuzzTarget, bytes: Buffer, dice: Dice): Offence | undefined => {
  const startedMs = performance.now();
  const whole = outcomeOf(target, [bytes]);
  const tookMs = performance.now() - startedMs;
  if ("offence" in whole) return whole.offence;
  const slow = tookMs > inputMsMax ? slowness(target, bytes) : undefined;
  if (slow !== undefined || "read" in target.parser) return slow;
  const places = Array.from({ length: 1 + dice.below(cutsMax) }, () => dice.below(bytes.length + 1));
  return cutOffence(target, bytes, places);
};
