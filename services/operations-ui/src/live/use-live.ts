import { createContext, useCallback, useContext, useMemo, useSyncExternalStore } from "react";
import { useNow } from "../clock.ts";
import { type Freshness, freshness, type LinkPhase } from "./freshness.ts";
import { getHeldSinceMs, holdable, onHold } from "./hold.ts";
import type { Live } from "./live.ts";
import { paced } from "./paced.ts";
import type { LiveFilter, LiveView, Watched } from "./protocol.ts";
import type { ViewSnapshot } from "./subscription.ts";

export const LiveContext = createContext<Live | undefined>(undefined);

/** The live connection itself, for what is no view. */
export const useLive = (): Live => {
  const live = useContext(LiveContext);
  if (live === undefined) throw new Error("LiveContext has no live client");
  return live;
};

/*
 * The link changes with every frame that is heard. Components therefore follow only the part they show; when something
 * was last heard is read once a second, with the clock.
 */
const useLinkPhase = (): LinkPhase => {
  const { link } = useLive();
  return useSyncExternalStore(link.subscribe, () => link.get().phase);
};

/** Server clock minus this clock, in ms. Moves only with a tick. */
export const useClockOffsetMs = (): number => {
  const { link } = useLive();
  return useSyncExternalStore(link.subscribe, () => link.get().clockOffsetMs);
};

export type LinkState = {
  readonly phase: LinkPhase;
  readonly silentMs: number;
  readonly retryInMs: number;
  /** Whether something that is looked at has not come yet. */
  readonly waits: boolean;
  /** For how long something that is looked at may have been behind its record; 0 when nothing is. */
  readonly behindMs: number;
};

/** The state of the connection, counted each second. */
export const useLinkState = (): LinkState => {
  const { link, worst } = useLive();
  const nowMs = useNow();
  const phase = useLinkPhase();
  const waits = useSyncExternalStore(link.subscribe, () => worst().waits);
  const behindSinceMs = useSyncExternalStore(link.subscribe, () => worst().behindSinceMs);
  const { heardAtMs, retryAtMs = nowMs } = link.get();
  return {
    phase,
    silentMs: Math.max(0, nowMs - heardAtMs),
    retryInMs: Math.max(0, retryAtMs - nowMs),
    waits,
    behindMs: behindSinceMs === undefined ? 0 : Math.max(1, nowMs - behindSinceMs),
  };
};

/** How often the parts of the page are rendered in a storm of changes, in ms; the first change is shown at once. */
const paceMs: Partial<Record<LiveView, number>> = { items: 100, dashboard: 100 };
const otherPaceMs = 200;

/** A live view of a site. However much changes, it renders at most once per painted frame and its pace. */
export const useView = (site: string, view: LiveView, filter?: LiveFilter): ViewSnapshot => {
  const live = useLive();
  const filterText = filter === undefined ? "" : JSON.stringify(filter);
  const watched = useMemo(
    (): Watched => ({ site, view, ...(filterText === "" ? {} : { filter: JSON.parse(filterText) }) }),
    [site, view, filterText],
  );
  const subscribe = useCallback(
    (listener: () => void) => {
      const slow = paced(listener, paceMs[view] ?? otherPaceMs);
      const leave = live.view(watched).subscribe(slow.run);
      const leaveHold = onHold(listener);
      return () => {
        leave();
        leaveHold();
        slow.cancel();
      };
    },
    [live, view, watched],
  );
  const get = useMemo(() => holdable(() => live.view(watched).get()), [live, watched]);
  return useSyncExternalStore(subscribe, get);
};

/** How present the figures of a view are, counted each second. */
export const useFreshness = (snapshot: ViewSnapshot): Freshness => {
  const { link } = useLive();
  const nowMs = useNow();
  useLinkPhase();
  const heldSinceMs = getHeldSinceMs();
  if (heldSinceMs !== undefined) return { state: "held", ageMs: Math.max(0, nowMs - heldSinceMs) };
  return freshness(link.get(), snapshot, nowMs);
};
