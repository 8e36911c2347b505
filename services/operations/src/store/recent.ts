/** Things of sites that were used lately, within a bound of bytes over all sites together. */
export type Recent<V> = {
  readonly get: (site: string, key: string) => V | undefined;
  readonly set: (site: string, key: string, value: V) => void;
  readonly forget: (site: string) => void;
};

type Generation<V> = { readonly sites: Map<string, Map<string, V>>; bytes: number };
const newGeneration = <V>(): Generation<V> => ({ sites: new Map(), bytes: 0 });

/**
 * Two generations: what is used moves into the young one; when that holds half of the bound it becomes the old one, and what was
 * old and nobody used meanwhile is gone. So what is used often stays, whichever site it belongs to, and no site can push out
 * what another one is using. `bytesOf` estimates what a value weighs with its key.
 */
export const createRecent = <V>(bytesMax: number, bytesOf: (value: V) => number): Recent<V> => {
  let young = newGeneration<V>();
  let old = newGeneration<V>();

  const set = (site: string, key: string, value: V) => {
    const values = young.sites.get(site) ?? new Map<string, V>();
    young.sites.set(site, values);
    const before = values.get(key);
    young.bytes += bytesOf(value) - (before === undefined ? 0 : bytesOf(before));
    values.set(key, value);
    if (young.bytes <= bytesMax / 2) return;
    old = young;
    young = newGeneration();
  };

  return {
    get: (site, key) => {
      const value = young.sites.get(site)?.get(key);
      if (value !== undefined) return value;
      const kept = old.sites.get(site)?.get(key);
      if (kept !== undefined) set(site, key, kept);
      return kept;
    },
    set,
    forget: (site) => {
      // What a forgotten site weighed is not worth counting back: the generation only ends a little sooner.
      young.sites.delete(site);
      old.sites.delete(site);
    },
  };
};
