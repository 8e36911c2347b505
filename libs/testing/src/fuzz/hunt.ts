import type { Coverage, Reached } from "./coverage.ts";
import { type Dice, throwDice } from "./dice.ts";
import { judge, type Offence } from "./judge.ts";
import { minimise } from "./minimise.ts";
import { type Material, mutate } from "./mutate.ts";
import { bytesOfHex, type FuzzTarget } from "./target.ts";

/** Asking V8 what ran costs more than an input, so it is asked for so many at once, and for fewer only when something was new. */
const batchInputs = 64;
/** What was kept for having reached something new. */
const keptMax = 2_000;
/** So many different counterexamples are enough to go and mend: then the hunt is over. */
const enoughFound = 10;

export type Found = Offence & { readonly hex: string };

export type HuntOptions = {
  readonly seed: number;
  /** Stops after so many inputs, or when this says so. */
  readonly inputsMax: number;
  readonly isOver?: () => boolean;
  /** Stops after so many different counterexamples. */
  readonly foundMax?: number | undefined;
  /** Without it the hunt is blind: what is kept is the corpus. */
  readonly coverage: Coverage | undefined;
};

export type Hunted = {
  readonly inputs: number;
  /** In ms. */
  readonly tookMs: number;
  readonly kept: number;
  readonly reached: Reached | undefined;
  readonly found: readonly Found[];
};

/** An input, and the seed of the places at which it is cut. */
type Input = { readonly bytes: Buffer; readonly cuts: number };
const seedsMax = 2 ** 31;

const make = (target: FuzzTarget, material: Material): Buffer => {
  const bytes = mutate(material);
  // What is wrong in its sum must be hunted too.
  if (target.repair !== undefined && material.dice.below(4) > 0) target.repair(bytes);
  return bytes;
};

const placesAgain = 20;

/** A cut that matters is found anew in each smaller input, with other places. */
const stillDoes =
  (target: FuzzTarget, kind: Offence["kind"], seed: number) =>
  (bytes: Buffer): boolean => {
    const dice: Dice = throwDice(seed);
    const tries = kind === "cut" ? placesAgain : 1;
    return Array.from({ length: tries }).some(() => judge(target, bytes, dice)?.kind === kind);
  };

/** Looks for inputs that a parser takes badly. The same seed and corpus hunt the same way. */
export const hunt = (target: FuzzTarget, options: HuntOptions): Hunted => {
  const { seed, inputsMax, coverage, isOver = () => false, foundMax = enoughFound } = options;
  const dice = throwDice(seed);
  const kept = target.corpus.map(bytesOfHex);
  const material: Material = { dice, kept, pieces: (target.pieces ?? []).map(bytesOfHex) };
  const found = new Map<string, Found>();
  const startedMs = performance.now();
  let inputs = 0;

  const tell = (bytes: Buffer, offence: Offence): void => {
    // One mistake is told once, whatever numbers stand in its words.
    const key = offence.kind === "throws" ? offence.why.replaceAll(/\d+/g, "0") : offence.kind;
    if (found.has(key) || found.size >= foundMax) return;
    const least = minimise(bytes, stillDoes(target, offence.kind, seed));
    found.set(key, { ...offence, hex: least.toString("hex") });
  };
  const tryOne = ({ bytes, cuts }: Input): void => {
    inputs += 1;
    const offence = judge(target, bytes, throwDice(cuts));
    if (offence !== undefined) tell(bytes, offence);
  };
  /** What a batch ran anew some of it ran: each half is tried again, until one input is left, which is kept. */
  const keepNew = (batch: readonly Input[]): void => {
    const half = batch.length >> 1;
    for (const part of [batch.slice(0, half), batch.slice(half)]) {
      for (const { bytes, cuts } of part) judge(target, bytes, throwDice(cuts));
      const [only] = part;
      if (part.length === 1 && only !== undefined) {
        if (coverage?.takeNews() === true && kept.length < keptMax) kept.push(only.bytes);
      } else if (coverage?.hasNews() === true) keepNew(part);
    }
  };
  for (const bytes of kept.slice()) tryOne({ bytes, cuts: seed });
  coverage?.takeNews();
  while (inputs < inputsMax && found.size < foundMax && !isOver()) {
    const batch = Array.from({ length: Math.min(batchInputs, inputsMax - inputs) }, () => ({
      bytes: make(target, material),
      cuts: dice.below(seedsMax),
    }));
    for (const input of batch) tryOne(input);
    if (coverage?.hasNews() === true) keepNew(batch);
  }
  return {
    inputs,
    tookMs: performance.now() - startedMs,
    kept: kept.length,
    reached: coverage?.reached(),
    found: [...found.values()],
  };
};
