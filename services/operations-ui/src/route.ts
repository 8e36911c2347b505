import { useSyncExternalStore } from "react";

/**
 * Where in the page we are, kept in the address's fragment, so that every state can be linked and the server needs to
 * know one address only: `#/<site>/<screen>/<tag>?status=…`.
 */
export type Screen =
  | "live"
  | "items"
  | "find"
  | "commissioning"
  | "boards"
  | "laundry"
  | "readers"
  | "agreement"
  | "rfidpro"
  | "scan"
  | "queue"
  | "training"
  | "alerts"
  | "admin"
  | "wall";
export type Route = {
  readonly site: string | undefined;
  readonly screen: Screen;
  /** What stands in the address where a screen would, and is none. */
  readonly unknown: string | undefined;
  /** The item whose life is open. */
  readonly tag: string | undefined;
  readonly query: URLSearchParams;
};

const screens: readonly string[] = [
  "live",
  "items",
  "find",
  "commissioning",
  "boards",
  "laundry",
  "readers",
  "agreement",
  "rfidpro",
  "scan",
  "queue",
  "training",
  "alerts",
  "admin",
  "wall",
] satisfies readonly Screen[];
const isScreen = (text: string | undefined): text is Screen => text !== undefined && screens.includes(text);

const decoded = (text: string | undefined): string | undefined => {
  if (text === undefined || text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** Reads a fragment. Without a screen in it, it is about the live one; one that there is not is named. */
export const parseRoute = (fragment: string): Route => {
  const [path = "", query = ""] = fragment.replace(/^#\/?/, "").split("?", 2);
  const [site, screen, tag] = path.split("/");
  return {
    site: decoded(site),
    screen: isScreen(screen) ? screen : "live",
    unknown: isScreen(screen) ? undefined : decoded(screen),
    tag: decoded(tag),
    query: new URLSearchParams(query),
  };
};

export type Place = {
  site: string;
  screen: Screen;
  tag?: string | undefined;
  query?: URLSearchParams | undefined;
};

/** The fragment of a place: the one builder of addresses. */
export const routeText = ({ site, screen, tag, query }: Place): string => {
  const path = [site, screen, ...(tag === undefined ? [] : [tag])].map(encodeURIComponent).join("/");
  const search = query?.toString() ?? "";
  return `#/${path}${search === "" ? "" : `?${search}`}`;
};

const listeners = new Set<() => void>();
let route = parseRoute("");

const changed = (): void => {
  route = parseRoute(location.hash);
  for (const listener of listeners) listener();
};

/** Reads the address and follows it from then on. Call once, before the first render. */
export const startRoute = (): void => {
  addEventListener("hashchange", changed);
  addEventListener("popstate", changed);
  changed();
};

/** Goes to a place: a new step in the history, or none (`replace`) when a filter only narrows what is shown. */
export const go = (place: Place, how: "push" | "replace" = "push"): void => {
  const fragment = routeText(place);
  if (fragment === location.hash) return;
  if (how === "replace") history.replaceState(null, "", fragment);
  else history.pushState(null, "", fragment);
  changed();
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useRoute = (): Route => useSyncExternalStore(subscribe, () => route);
