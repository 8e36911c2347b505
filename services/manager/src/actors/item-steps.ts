/** Since when an item is what it is, as instants of the floor: those of the facts that led there. */
export type Ages = {
  /** Since when it is in its status. */
  readonly statusAt: string;
  /** Since when it is not on contract, or when it was commissioned; of what is out, since when it had not been before it went. */
  readonly freeAt: string;
};

/**
 * When an item came to count in another class or status, and the event that said so last, with its ages from there. Off while that is
 * taken back. Of one that was taken back and set again, `toldAt` are the events that said so before: an undo may name any of them.
 */
export type Step = Ages & {
  readonly pos: number;
  readonly at: string;
  readonly isOff?: true;
  readonly toldAt?: readonly number[];
};

/** So many of a step's earlier events are kept: the first, which is what people see and take back, and the newest. */
const toldAtMax = 8;

/** So many of an item are kept, the newest: an undo that reaches further back counts from where the item counts now. */
export const stepsMax = 8;

/** The step on which an item stands; undefined where nothing is known of it. */
export const standingOn = (steps: readonly Step[]): Step | undefined =>
  steps.findLast(({ isOff }) => isOff !== true);

/** The ages of an item that stands on its last step. */
export const agesOn = (steps: readonly Step[]): Ages | undefined => {
  const step = standingOn(steps);
  return step === undefined ? undefined : { statusAt: step.statusAt, freeAt: step.freeAt };
};

/** From when on an item counts in its class and status. Steps only go forward, so that no moment has an item twice, or none. */
export const countedFrom = (steps: readonly Step[]): string | undefined => standingOn(steps)?.at;

/** Steps that are taken back are only there for an undo of the undo, so they make room first. */
const bounded = (steps: readonly Step[]): readonly Step[] => {
  if (steps.length <= stepsMax) return steps;
  const first = Math.max(
    0,
    steps.findIndex(({ isOff }) => isOff === true),
  );
  return bounded(steps.toSpliced(first, 1));
};

/** A step as a further event says it, which sets it again or takes it back. */
const retold = ({ isOff: _isOff, ...step }: Step, pos: number): Omit<Step, "isOff"> => {
  const toldAt = [...(step.toldAt ?? []), step.pos];
  return { ...step, pos, toldAt: toldAt.length > toldAtMax ? toldAt.toSpliced(1, 1) : toldAt };
};

const indexOf = (steps: readonly Step[], pos: number): number =>
  steps.findLastIndex((step) => step.pos === pos || step.toldAt?.includes(pos) === true);

/** The ages that an item had before a step; undefined where that is not known. */
export const agesBefore = (steps: readonly Step[], pos: number): Ages | undefined =>
  agesOn(steps.slice(0, Math.max(0, indexOf(steps, pos))));

type Stepped = {
  /** From when on the change counts. */
  readonly at: string;
  readonly steps: readonly Step[];
};

/** The steps after an event that states something: it counts from then, and never from before the step that stands. */
export const stepForward = (steps: readonly Step[], step: Omit<Step, "isOff">): Stepped => {
  const from = countedFrom(steps);
  const own = from === undefined || step.at > from ? step.at : from;
  return { at: own, steps: bounded([...steps, { ...step, at: own }]) };
};

/**
 * The steps after an event that takes another one back. The change counts from where that one counted, so that the days since are as if it
 * had not been, and the item stands on the step before it, with the ages that it had there: whoever takes that one back too leaves nothing
 * of either. An undo of an undo sets the step again, with the ages that follow on what stands by now. Undefined when the step is not
 * known, or is not the last that stands.
 */
export const stepBack = (
  steps: readonly Step[],
  {
    pos,
    undoes,
    agesFrom,
  }: {
    readonly pos: number;
    readonly undoes: number;
    /** The ages of the item after this event, were its status stated for that instant. */
    readonly agesFrom: (at: string) => Ages;
  },
): Stepped | undefined => {
  const index = indexOf(steps, undoes);
  const step = steps[index];
  if (step === undefined) return undefined;
  const others = steps.toSpliced(index, 1);
  if (step.isOff === true) return stepForward(others, { ...retold(step, pos), ...agesFrom(step.statusAt) });
  if (standingOn(steps) !== step) return undefined;
  return { at: step.at, steps: bounded([...others, { ...retold(step, pos), isOff: true }]) };
};
