import { useSyncExternalStore } from "react";

/** All ages on the screen are counted by this one clock, so they move together and only once a second. */
const beatMs = 1_000;
const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, beatMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
};

/** The present, in ms since 1970, renewed each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => nowMs);
