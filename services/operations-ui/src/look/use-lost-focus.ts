import { type RefObject, useEffect, useRef } from "react";

/**
 * Gives the focus to a place when what had it is gone: a form that was sent, a button of what is over now. Whoever works with the
 * keyboard, or listens, would begin at the top of the page otherwise. A focus that is somewhere is left there. `when` is what changes
 * as the place comes or something in it goes; the place needs a `tabIndex` of -1.
 */
export const useLostFocus = <Place extends HTMLElement>(when: unknown): RefObject<Place | null> => {
  const place = useRef<Place>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what changes is why to look, not what is looked at
  useEffect(() => {
    if (document.activeElement === document.body) place.current?.focus({ preventScroll: true });
  }, [when]);
  return place;
};
