import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Answer, Refusal } from "../../api/http.ts";
import { fetchItem, fetchTimeline, type ItemFacts, type TimelinePage } from "../../api/items.ts";
import { useNow } from "../../clock.ts";
import { retryDelayMs } from "../../live/back-off.ts";
import { type Freshness, type Reading, readingFreshness } from "../../live/freshness.ts";
import type { LiveRow } from "../../live/protocol.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { appendOlder, mergeNewest, type Timeline } from "./timeline.ts";

export type ItemLife = {
  readonly facts: ItemFacts | undefined;
  readonly timeline: Timeline | undefined;
  readonly refusal: Refusal | undefined;
  readonly fresh: Freshness;
  readonly loadingOlder: boolean;
  loadOlder(): void;
};

const newestPosOf = (tag: string, rows: ReadonlyMap<string, LiveRow>): number => {
  let newest = 0;
  for (const row of rows.values()) if (row.tag === tag) newest = Math.max(newest, Number(row.pos ?? 0));
  return newest;
};

const refusalIn = (answers: readonly Answer<unknown>[]): Refusal | undefined => {
  const refused = answers.find((answer) => answer.kind === "refused");
  return refused?.kind === "refused" ? refused.refusal : undefined;
};

/** An item's facts and its life, read again whenever the live events say that something happened to the tag. */
export const useItem = (site: string, tag: string): ItemLife => {
  const events = useView(site, "events");
  const view = useFreshness(events);
  const nowMs = useNow();
  const [facts, setFacts] = useState<ItemFacts>();
  const [timeline, setTimeline] = useState<Timeline>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [reading, setReading] = useState<Reading>({ readAtMs: undefined, failed: false });
  const [loadingOlder, setLoadingOlder] = useState(false);
  const readAgain = useRef<ReturnType<typeof oneAtATime>>(undefined);

  useEffect(() => {
    let failures = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const take = (item: Answer<ItemFacts>, page: Answer<TimelinePage>): void => {
      if (item.kind === "ok") setFacts(item.value);
      if (page.kind === "ok") setTimeline((before) => mergeNewest(before, page.value));
      const trouble = refusalIn([page, item]);
      setRefusal(trouble);
      // A refusal that is an answer ("no item carries this tag") is as present as any other.
      const failed = trouble?.retryable === true;
      setReading(({ readAtMs }) => ({ readAtMs: failed ? readAtMs : Date.now(), failed }));
      failures = failed ? failures + 1 : 0;
      // The live view may miss nothing of the tag and so have no news: it alone would leave the failure there for ever.
      if (failed) {
        const delayMs = Math.max(trouble.retryAfterMs ?? 0, retryDelayMs(failures - 1, Math.random()));
        retry = setTimeout(task.request, delayMs);
      }
    };
    const task = oneAtATime(async (signal) => {
      clearTimeout(retry);
      const [item, page] = await Promise.all([
        fetchItem(site, tag, signal),
        fetchTimeline(site, tag, { signal }),
      ]);
      if (!signal.aborted) take(item, page);
    });
    readAgain.current = task;
    return () => {
      clearTimeout(retry);
      task.stop();
    };
  }, [site, tag]);

  // After a new snapshot events may have been missed, so that counts as news as well.
  const news = useMemo(() => `${events.snapshots}:${newestPosOf(tag, events.rows)}`, [events, tag]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the news, and another tag, are the reason to read
  useEffect(() => readAgain.current?.request(), [news, site, tag]);

  const cursor = timeline?.cursor ?? undefined;
  const loadOlder = useCallback(async () => {
    if (cursor === undefined) return;
    setLoadingOlder(true);
    const page = await fetchTimeline(site, tag, { cursor });
    setLoadingOlder(false);
    if (page.kind === "ok") setTimeline((before) => appendOlder(before, page.value, cursor));
    else if (page.kind === "refused") setRefusal(page.refusal);
  }, [site, tag, cursor]);

  const fresh = readingFreshness(view, reading, nowMs);
  return { facts, timeline, refusal, fresh, loadingOlder, loadOlder: () => void loadOlder() };
};
