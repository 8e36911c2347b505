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
