import { cutOffence, type Offence } from "./judge.ts";
import { bytesOfHex, type FuzzTarget } from "./target.ts";

/** Cuts each of the corpus in two wherever it can be, and all of it into single bytes. Gives what that changed. */
export const everyCut = (target: FuzzTarget): readonly Offence[] =>
  target.corpus.flatMap((hex) => {
    const bytes = bytesOfHex(hex);
    const places = Array.from({ length: bytes.length + 1 }, (_, at) => at);
    const cuts = [...places.map((at) => [at]), places];
    return cuts.flatMap((cut) => cutOffence(target, bytes, cut) ?? []);
  });
