/** Of each kind the bucket with which the next look at its rows begins. */
export type DrilledFrom = Readonly<Record<string, number>>;

/** Which of the buckets that have something to look into have their turn in an audit, and which have to wait. */
export type Turns = ReturnType<typeof openTurns>;

/**
 * Gives buckets their turns: where more differ than one audit may look into, the next one goes on after the last that had its turn, so
 * that none of them waits for ever.
 */
export const openTurns = (drilledFrom: DrilledFrom) => {
  const from: Record<string, number> = { ...drilledFrom };
  const asked = new Map<string, Set<number>>();
  const looked = new Map<string, Set<number>>();
  const note = (all: Map<string, Set<number>>, entity: string, buckets: readonly number[]) => {
    all.set(entity, new Set([...(all.get(entity) ?? []), ...buckets]));
  };
  return {
    /**
     * At most so many of these buckets, from where the last turn of this kind ended.
     *
     * @param kind what has turns of its own: an entity, or a way in which its buckets come up
     */
    take: (
      { kind, entity }: { readonly kind: string; readonly entity: string },
      buckets: readonly number[],
      most: number,
    ): number[] => {
      const all = [...new Set(buckets)].sort((left, right) => left - right);
      const start = Math.max(
        0,
        all.findIndex((bucket) => bucket >= (from[kind] ?? 0)),
      );
      const taken = [...all.slice(start), ...all.slice(0, start)].slice(0, most);
      const last = taken.at(-1);
      if (last !== undefined) from[kind] = last + 1;
      note(asked, entity, all);
      note(looked, entity, taken);
      return taken;
    },
    /** How many buckets of each entity had no turn; only of those where some had none. */
    left: (): ReadonlyMap<string, number> =>
      new Map(
        [...asked]
          .map(([entity, all]) => {
            const waiting = [...all].filter((bucket) => looked.get(entity)?.has(bucket) !== true);
            return [entity, waiting.length] as const;
          })
          .filter(([, count]) => count > 0),
      ),
    /** Where the next audit goes on. */
    from: (): DrilledFrom => ({ ...from }),
  };
};
