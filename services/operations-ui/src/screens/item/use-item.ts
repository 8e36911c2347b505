import type { TimelineRow } from "@tagwire/messages";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Refusal } from "../../api/http.ts";
import { fetchItem, fetchTimeline, type ItemFacts } from "../../api/items.ts";
import { useView } from "../../live/use-live.ts";
import { mergeNewest, type Timeline } from "./timeline.ts";

export type ItemLife = {
  readonly facts: ItemFacts | undefined;
  readonly timeline: Timeline | undefined;
  readonly refusal: Refusal | undefined;
  readonly loadingOlder: boolean;
  loadOlder(): void;
};

/**
 * An item's facts and its life, read again whenever the live view says that something happened to the tag. One reading at
 * a time: a tag lying on an antenna must not cause a storm of them.
 */
export const useItem = (site: string, tag: string): ItemLife => {
  const events = useView(site, "events");
  const [facts, setFacts] = useState<ItemFacts>();
  const [timeline, setTimeline] = useState<Timeline>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [loadingOlder, setLoadingOlder] = useState(false);
  const reading = useRef({ busy: false, again: false });

  const newsOfTag = useMemo(() => {
    let pos = 0;
    for (const row of events.rows.values()) if (row.tag === tag) pos = Math.max(pos, Number(row.pos ?? 0));
    return `${events.snapshots}:${pos}`;
  }, [events, tag]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: newsOfTag is the reason to read again
  useEffect(() => {
    const gone = new AbortController();
    const state = reading.current;
    const read = async (): Promise<void> => {
      if (state.busy) {
        state.again = true;
        return;
      }
      state.busy = true;
      const [item, page] = await Promise.all([
        fetchItem(site, tag, gone.signal),
        fetchTimeline(site, tag, { signal: gone.signal }),
      ]);
      state.busy = false;
      if (!gone.signal.aborted) {
        if (item.kind === "ok") setFacts(item.value);
        if (page.kind === "ok") setTimeline((before) => mergeNewest(before, page.value));
        const trouble = [page, item].find((answer) => answer.kind === "refused");
        setRefusal(trouble?.kind === "refused" ? trouble.refusal : undefined);
      }
      if (state.again) {
        state.again = false;
        void read();
      }
    };
    void read();
    return () => gone.abort();
  }, [site, tag, newsOfTag]);

  const cursor = timeline?.cursor ?? undefined;
  const loadOlder = useCallback(async () => {
    if (cursor === undefined) return;
    setLoadingOlder(true);
    const page = await fetchTimeline(site, tag, { cursor });
    setLoadingOlder(false);
    if (page.kind === "ok") {
      setTimeline((before) => ({
        rows: [...(before?.rows ?? []), ...page.value.data] as readonly TimelineRow[],
        cursor: page.value.nextCursor,
      }));
    } else if (page.kind === "refused") setRefusal(page.refusal);
  }, [site, tag, cursor]);

  return { facts, timeline, refusal, loadingOlder, loadOlder: () => void loadOlder() };
};
