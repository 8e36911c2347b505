import { type Unproven, type UnprovenReason, unprovenExamplesMax } from "@tagwire/messages";

/** Gathers what an audit could not look into, by what it is and why. */
export const openUnproven = () => {
  const all = new Map<string, Unproven>();
  return {
    /** Things that were not looked into, by their keys; nothing where there are none. */
    add: (what: string, why: UnprovenReason, keys: readonly string[]): void => {
      if (keys.length > 0)
        all.set(`${what} ${why}`, {
          ...{ what, why, count: keys.length, examples: keys.slice(0, unprovenExamplesMax) },
        });
    },
    /** So many things that nobody can name. */
    count: (what: string, why: UnprovenReason, count: number): void => {
      if (count > 0) all.set(`${what} ${why}`, { what, why, count, examples: [] });
    },
    put: (one: Unproven): void => void all.set(`${one.what} ${one.why}`, one),
    all: (): readonly Unproven[] => [...all.values()],
  };
};
