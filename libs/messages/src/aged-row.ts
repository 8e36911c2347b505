type Row = { readonly key: string; readonly version: number } & Readonly<Record<string, unknown>>;

const laterOf = ({ later }: Row): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(later) ? later : [];

/** When a row is no more as it is, in ms since 1970; infinite for a row that time alone does not change. */
export const agesAtMs = ({ validUntil }: Readonly<Record<string, unknown>>): number =>
  typeof validUntil === "string" ? Date.parse(validUntil) : Number.POSITIVE_INFINITY;

/** A row of a live view as it is at an instant when nothing more was said of it; undefined when it is gone by then. */
export const agedRow = <R extends Row>(row: R, nowMs: number): R | undefined => {
  let aged: Row = row;
  while (agesAtMs(aged) <= nowMs) {
    const [next, ...rest] = laterOf(aged);
    if (next === undefined) return undefined;
    aged = { ...next, key: row.key, version: row.version, ...(rest.length === 0 ? {} : { later: rest }) };
  }
  return aged as R;
};
