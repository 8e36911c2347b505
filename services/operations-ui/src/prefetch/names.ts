import type { PrefetchItem } from "@tagwire/messages";
import { useSyncExternalStore } from "react";

/** What this device holds of a thing ahead of its scan: a name and a guess. It decides nothing, and is shown only until the record has answered. */
export type HeldName = Pick<
  PrefetchItem,
  "tag" | "class" | "name" | "status" | "contract" | "place" | "sources"
>;

let names: ReadonlyMap<string, HeldName> = new Map();
let holder = "";
const listeners = new Set<() => void>();

/** Puts what is held of a site in the place of what was. */
export const setNames = (site: string, held: ReadonlyMap<string, HeldName>): void => {
  names = held;
  holder = site;
  for (const listener of listeners) listener();
};

/** The name of a tag as it was scanned; the record knows hex in upper case. */
export const nameHeld = (site: string, tag: string): HeldName | undefined =>
  site === holder ? (names.get(tag) ?? names.get(tag.toUpperCase())) : undefined;

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Paints again when the set has changed. */
export const useNames = (): ReadonlyMap<string, HeldName> => useSyncExternalStore(subscribe, () => names);
