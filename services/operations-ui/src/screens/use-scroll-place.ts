import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { Route } from "../route.ts";

/** How long what was looked at before may take to be as long as it was, in ms. */
const restoreWithinMs = 15_000;
/** Whoever does one of these scrolls by themselves, and is not to be pulled back. */
const ownActs = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

/** What opens another thing of a screen; whatever else stands in an address only narrows the same list down. */
const opening = ["board", "contract", "finding", "reader"] as const;

const placeOf = ({ site, screen, query }: Route): string =>
  [site, screen, ...opening.map((name) => query.get(name))].join(" ");

/** Begins each place at its top, and goes back to where somebody was in it by the browser's own way back. */
export const useScrollPlace = (main: RefObject<HTMLElement | null>, route: Route): void => {
  const place = placeOf(route);
  const tops = useRef(new Map<string, number>());
  const isBack = useRef(false);
  useEffect(() => {
    const went = (): void => {
      isBack.current = true;
    };
    // Before the route hears of it, which turns the page in the same moment.
    addEventListener("popstate", went, { capture: true });
    return () => removeEventListener("popstate", went, { capture: true });
  }, []);
  useLayoutEffect(() => {
    const page = main.current;
    if (page === null) return;
    const wanted = isBack.current ? (tops.current.get(place) ?? 0) : 0;
    isBack.current = false;
    page.scrollTop = wanted;
    const untilMs = performance.now() + restoreWithinMs;
    let frame = 0;
    let isLeft = false;
    const leave = (): void => {
      isLeft = true;
    };
    for (const act of ownActs) page.addEventListener(act, leave, { passive: true, once: true });
    // Rows come a moment after their screen: without them there is nothing yet to be scrolled.
    const again = (): void => {
      if (isLeft || page.scrollTop >= wanted - 1 || performance.now() > untilMs) return listen();
      page.scrollTop = wanted;
      frame = requestAnimationFrame(again);
    };
    const keep = (): void => void tops.current.set(place, page.scrollTop);
    const listen = (): void => page.addEventListener("scroll", keep, { passive: true });
    again();
    return () => {
      cancelAnimationFrame(frame);
      for (const act of ownActs) page.removeEventListener(act, leave);
      page.removeEventListener("scroll", keep);
    };
  }, [main, place]);
};
