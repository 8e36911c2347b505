import type { LoggedEvent, PlaceCount, Zone } from "@tagwire/messages";
import { useCallback, useMemo, useState } from "react";
import { fetchPlaceCounts, fetchZones } from "../../api/zones.ts";
import { useNow } from "../../clock.ts";
import { type Freshness, readingFreshness } from "../../live/freshness.ts";
import { useClockOffsetMs, useFreshness, useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";
import { useReading } from "../laundry/use-reading.ts";
import { useStations } from "../readers/use-stations.ts";
import { justSeen } from "./plan.ts";

/** News makes the plan read again this often at most, in ms: a site may have hundreds a second. */
const newsEveryMs = 3_000;
/** Without news the bands of age are read again so often, in ms. */
const agesEveryMs = 60_000;

export type PlanFigures = {
  readonly zones: readonly Zone[];
  readonly counts: ReadonlyMap<string, PlaceCount>;
  /** Every place that things or stations are at. */
  readonly places: readonly string[];
  readonly seen: ReadonlySet<string>;
  readonly fresh: Freshness;
  /** Whether all of it is there: nothing is said to be empty before. */
  readonly isRead: boolean;
  readonly isCut: boolean;
  readonly wrong: string | undefined;
  readonly nowMs: number;
};

/**
 * What is at each place of the site, live: the events of the log say at once where something was seen, and when to read the figures again.
 *
 * `turn`: another one reads the zones again, for whoever has just drawn one.
 */
export const usePlan = (turn: number): PlanFigures => {
  const site = useSite();
  const nowMs = useNow() + useClockOffsetMs();
  const events = useView(site.id, "events");
  const drawings = useView(site.id, "events", { type: "zone.configured" });
  const { stations } = useStations(site.id);
  // The news of a stretch of time are read together at its end.
  const stretch = Math.floor(nowMs / newsEveryMs);
  const [news, setNews] = useState({ stretch, pos: events.pos });
  if (news.stretch !== stretch) setNews({ stretch, pos: events.pos });
  const readCounts = useCallback((signal: AbortSignal) => fetchPlaceCounts(site.id, signal), [site.id]);
  const readZones = useCallback((signal: AbortSignal) => fetchZones(site.id, signal), [site.id]);
  const counted = useReading(readCounts, `${news.pos} ${Math.floor(nowMs / agesEveryMs)}`);
  const drawn = useReading(readZones, `${turn} ${[...drawings.rows.keys()].at(-1) ?? ""}`);
  const view = useFreshness(events);
  const counts = useMemo(
    () => new Map((counted.value?.data ?? []).map((count) => [count.place, count])),
    [counted.value],
  );
  const places = useMemo(() => {
    const named = stations.flatMap(({ place, portal }) => [place, portal?.inside, portal?.outside]);
    return [...new Set([...counts.keys(), ...named.flatMap((name) => name ?? [])])];
  }, [counts, stations]);
  return {
    zones: drawn.value?.data ?? [],
    counts,
    places,
    seen: justSeen(events.rows.values() as Iterable<unknown> as Iterable<LoggedEvent>, nowMs),
    fresh: readingFreshness(view, counted.reading, nowMs),
    isRead: counted.value !== undefined && drawn.value !== undefined,
    isCut: counted.value?.isCut ?? false,
    wrong: counted.refusal?.message ?? drawn.refusal?.message,
    nowMs,
  };
};
