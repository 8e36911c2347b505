import { Fault } from "@tagwire/messages";

/** Lets so many in at one time. Gives what has to be called when one leaves. @throws Fault `overloaded` */
export const admitUpTo = (max: number, what: string): (() => () => void) => {
  let inside = 0;
  return () => {
    if (inside >= max) throw new Fault("overloaded", `${max} ${what} are under way already`);
    inside += 1;
    let isInside = true;
    return () => {
      if (isInside) inside -= 1;
      isInside = false;
    };
  };
};

/**
 * The same for callers: none of them takes more than half of the places, so that whoever stops reading what they asked for keeps nobody
 * else out. Those who are inside are counted by their names.
 */
export const admitCallersUpTo = (max: number, what: string): ((caller: string) => () => void) => {
  const admit = admitUpTo(max, what);
  const insideOf = new Map<string, number>();
  const ofOneMax = Math.max(1, Math.ceil(max / 2));
  return (caller) => {
    const own = insideOf.get(caller) ?? 0;
    if (own >= ofOneMax) throw new Fault("overloaded", `${ofOneMax} ${what} of yours are under way already`);
    const leave = admit();
    insideOf.set(caller, own + 1);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      leave();
      const left = (insideOf.get(caller) ?? 1) - 1;
      if (left === 0) insideOf.delete(caller);
      else insideOf.set(caller, left);
    };
  };
};
