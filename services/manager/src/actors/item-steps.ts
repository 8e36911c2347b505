/** When an item came to count in another class or status, and the event that said so. Off while that is taken back. */
export type Step = { readonly pos: number; readonly at: string; readonly isOff?: true };

/** So many of an item are kept, the newest: an undo that reaches further back counts from where the item counts now. */
export const stepsMax = 8;

/** From when on an item counts in its class and status. Steps only go forward, so that no moment has an item twice, or none. */
export const countedFrom = (steps: readonly Step[]): string | undefined =>
  steps.findLast(({ isOff }) => isOff !== true)?.at;

/** Steps that are taken back are only there for an undo of the undo, so they make room first. */
const bounded = (steps: readonly Step[]): readonly Step[] => {
  if (steps.length <= stepsMax) return steps;
  const first = Math.max(
    0,
    steps.findIndex(({ isOff }) => isOff === true),
  );
  return bounded(steps.toSpliced(first, 1));
};

type Stepped = {
  /** From when on the change counts. */
  readonly at: string;
  readonly steps: readonly Step[];
};

/** The steps after an event that states something: it counts from then, and never from before the step that stands. */
export const stepForward = (
  steps: readonly Step[],
  { pos, at }: { readonly pos: number; readonly at: string },
): Stepped => {
  const from = countedFrom(steps);
  const own = from === undefined || at > from ? at : from;
  return { at: own, steps: bounded([...steps, { pos, at: own }]) };
};

/**
 * The steps after an event that takes another one back. The change counts from where that one counted, so that the days since are as if it
 * had not been, and the item stands on the step before it: whoever takes that one back too leaves nothing of either. An undo of an undo
 * sets the step again. Undefined when the step is not known, or is not the last that stands.
 */
export const stepBack = (
  steps: readonly Step[],
  { pos, undoes }: { readonly pos: number; readonly undoes: number },
): Stepped | undefined => {
  const index = steps.findIndex((step) => step.pos === undoes);
  const step = steps[index];
  if (step === undefined) return undefined;
  const others = steps.toSpliced(index, 1);
  if (step.isOff === true) return stepForward(others, { pos, at: step.at });
  if (steps.findLast(({ isOff }) => isOff !== true) !== step) return undefined;
  return { at: step.at, steps: bounded([...others, { pos, at: step.at, isOff: true }]) };
};
