/** What hears scanners: wedges, readers on a cable and the camera all tell the same. */
export type Hearing = {
  /** Tags as they were read. */
  tags(tags: readonly string[]): void;
  /** Something was read, but not one whole tag: nothing of it was taken. */
  broken(why: "broken" | "garbled"): void;
};

/*
 * Which screen or site is told changes while a reader stays connected, so it stands outside of React, as the reader does. Nobody is told
 * while nobody is signed in.
 */
let hearing: Hearing | undefined;

/** From now on this is told; the answer ends it. */
export const hearWith = (next: Hearing): (() => void) => {
  hearing = next;
  return () => {
    if (hearing === next) hearing = undefined;
  };
};

export const told: Hearing = {
  tags: (tags) => hearing?.tags(tags),
  broken: (why) => hearing?.broken(why),
};
