import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Refusal } from "../../api/http.ts";
import { fetchItem, fetchTimeline, type ItemFacts } from "../../api/items.ts";
import type { Freshness } from "../../live/freshness.ts";
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

/** An item's facts and its life, read again whenever the live events say that something happened to the tag. */
export const useItem = (site: string, tag: string): ItemLife => {
  const events = useView(site, "events");
  const fresh = useFreshness(events);
  const [facts, setFacts] = useState<ItemFacts>();
  const [timeline, setTimeline] = useState<Timeline>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [loadingOlder, setLoadingOlder] = useState(false);
  const reading = useRef<ReturnType<typeof oneAtATime>>(undefined);

  useEffect(() => {
    const task = oneAtATime(async (signal) => {
      const [item, page] = await Promise.all([
        fetchItem(site, tag, signal),
        fetchTimeline(site, tag, { signal }),
      ]);
      if (signal.aborted) return;
      if (item.kind === "ok") setFacts(item.value);
      if (page.kind === "ok") setTimeline((before) => mergeNewest(before, page.value));
      const trouble = [page, item].find((answer) => answer.kind === "refused");
      setRefusal(trouble?.kind === "refused" ? trouble.refusal : undefined);
    });
    reading.current = task;
    return task.stop;
  }, [site, tag]);

  // After a new snapshot events may have been missed, so that counts as news as well.
  const news = useMemo(() => `${events.snapshots}:${newestPosOf(tag, events.rows)}`, [events, tag]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the news, and another tag, are the reason to read
  useEffect(() => reading.current?.request(), [news, site, tag]);

  const cursor = timeline?.cursor ?? undefined;
  const loadOlder = useCallback(async () => {
    if (cursor === undefined) return;
    setLoadingOlder(true);
    const page = await fetchTimeline(site, tag, { cursor });
    setLoadingOlder(false);
    if (page.kind === "ok") setTimeline((before) => appendOlder(before, page.value));
    else if (page.kind === "refused") setRefusal(page.refusal);
  }, [site, tag, cursor]);

  return { facts, timeline, refusal, fresh, loadingOlder, loadOlder: () => void loadOlder() };
};
