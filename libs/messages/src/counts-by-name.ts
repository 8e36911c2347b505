/**
 * The counts that a fold has made itself and that nobody else holds: only these may be changed in place. A session of thousands of scans
 * over hundreds of classes would otherwise copy all of the classes for each scan.
 */
export type OwnCounts = WeakSet<object>;

/**
 * Counts by name with another count under one name. Names are made up by people, so that one may be called `__proto__`.
 *
 * @param own counts that may be changed in place; the answer is one of them from then on
 */
export const withCount = <T>(
  counts: Readonly<Record<string, T>>,
  name: string,
  count: T,
  own?: OwnCounts,
): Readonly<Record<string, T>> => {
  if (own?.has(counts) !== true) {
    const copy = { ...counts, [name]: count };
    own?.add(copy);
    return copy;
  }
  Object.defineProperty(counts, name, { value: count, enumerable: true, configurable: true, writable: true });
  return counts;
};
