import type { RfidproDifference } from "@tagwire/messages";
import { useCallback, useEffect, useState } from "react";
import { type DifferencesFilter, fetchDifferences } from "../../api/rfidpro-differences.ts";

export type Differences = {
  readonly rows: readonly RfidproDifference[] | undefined;
  readonly wrong: string | undefined;
  /** Asks for the next page; undefined where there is none. */
  readonly more: (() => void) | undefined;
  readonly look: () => void;
};

/** The differences of a site that a filter lets through, asked for anew when a pull has ended or somebody has done something. */
export const useDifferences = (site: string, filter: DifferencesFilter, since: string): Differences => {
  const [rows, setRows] = useState<readonly RfidproDifference[]>();
  const [wrong, setWrong] = useState<string>();
  const [next, setNext] = useState<string | null>(null);
  const [from, setFrom] = useState<string>();
  const [looks, setLooks] = useState(0);
  const words = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has moved begins at its first page again
  useEffect(() => setFrom(undefined), [site, words, since, looks]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has moved is asked for again
  useEffect(() => {
    const leave = new AbortController();
    const asked = JSON.parse(words) as DifferencesFilter;
    void fetchDifferences(site, asked, { cursor: from, signal: leave.signal }).then((answer) => {
      if (leave.signal.aborted || answer.kind === "signed_out") return;
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
      if (answer.kind !== "ok") return;
      const { data, nextCursor } = answer.value;
      setNext(nextCursor);
      setRows((before = []) => (from === undefined ? data : [...before, ...data]));
    });
    return () => leave.abort();
  }, [site, words, since, looks, from]);
  return {
    rows,
    wrong,
    more: next === null ? undefined : () => setFrom(next),
    look: useCallback(() => setLooks((count) => count + 1), []),
  };
};
