import { useSyncExternalStore } from "react";

/*
 * Whether the look-up is open, and what a scanner has read for it. It stands outside of React, since a scanner is heard by the desk and
 * the look-up is a part of the page that comes late.
 */

export type Opened = {
  /** How often it was opened: each time is a look-up of its own. */
  readonly count: number;
  readonly isOpen: boolean;
  /** What was scanned into it last. */
  readonly heard: string | undefined;
};

let opened: Opened = { count: 0, isOpen: false, heard: undefined };
const listeners = new Set<() => void>();

const set = (next: Opened): void => {
  opened = next;
  for (const listener of listeners) listener();
};

export const openLookUp = (): void =>
  set({ count: opened.count + (opened.isOpen ? 0 : 1), isOpen: true, heard: undefined });

export const closeLookUp = (): void => set({ ...opened, isOpen: false, heard: undefined });

/** Gives what was scanned to the look-up, if it is open. Says whether it was. */
export const heardByLookUp = (tags: readonly string[]): boolean => {
  if (!opened.isOpen) return false;
  set({ ...opened, heard: tags.at(-1) });
  return true;
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useOpened = (): Opened => useSyncExternalStore(subscribe, () => opened);
