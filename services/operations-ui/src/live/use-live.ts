import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import { useNow } from "../clock.ts";
import { type Freshness, freshness, type Link } from "./freshness.ts";
import type { Live, Watched } from "./live.ts";
import type { LiveView } from "./protocol.ts";
import type { ViewSnapshot } from "./subscription.ts";

export const LiveContext = createContext<Live | undefined>(undefined);

const useLive = (): Live => {
  const live = useContext(LiveContext);
  if (live === undefined) throw new Error("LiveContext has no live client");
  return live;
};

export const useLink = (): Link => {
  const { link } = useLive();
  return useSyncExternalStore(link.subscribe, link.get);
};

/** A live view of a site. The component renders at most once per painted frame, however much changes. */
export const useView = (site: string, view: LiveView): ViewSnapshot => {
  const live = useLive();
  const subscribe = useCallback(
    (listener: () => void) => live.view({ site, view } satisfies Watched).subscribe(listener),
    [live, site, view],
  );
  const get = useCallback(() => live.view({ site, view }).get(), [live, site, view]);
  return useSyncExternalStore(subscribe, get);
};

/** How present the figures of a view are, counted each second. */
export const useFreshness = (snapshot: ViewSnapshot): Freshness => {
  const link = useLink();
  const nowMs = useNow();
  return freshness(link, snapshot, nowMs);
};
