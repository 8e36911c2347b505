import { useEffect, useRef } from "react";
import { tick } from "../../scan/finder-tone.ts";
import { tickEveryMs } from "./nearness.ts";

/** How soon it is looked again after silence, in ms. */
const silentLookMs = 150;

/** Ticks faster and higher the nearer something is, so that nobody has to look at the screen. */
export const useTicking = (nearness: number, isOn: boolean): void => {
  const current = useRef(nearness);
  current.current = nearness;
  useEffect(() => {
    if (!isOn) return;
    let timer: ReturnType<typeof setTimeout>;
    const beat = (): void => {
      const everyMs = tickEveryMs(current.current);
      if (everyMs !== undefined) tick(current.current);
      timer = setTimeout(beat, everyMs ?? silentLookMs);
    };
    beat();
    return () => clearTimeout(timer);
  }, [isOn]);
};
