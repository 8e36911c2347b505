import { useEffect, useRef } from "react";
import { placeGroups, thumbPlaces } from "../words/places.ts";
import { MoreSheet } from "./more-sheet.tsx";
import { NavigationLink, usePlaceHere } from "./navigation-link.tsx";

/** Every screen at the side, where there is room beside what is shown. */
export const SideNavigation = () => {
  const rail = useRef<HTMLElement>(null);
  const here = usePlaceHere();
  // On a low window some of it is out of sight: what is open is not. Within the rail alone, the page stays.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the link that is current follows from the place
  useEffect(() => {
    const link = rail.current?.querySelector('[aria-current="page"]')?.getBoundingClientRect();
    const around = rail.current?.getBoundingClientRect();
    if (link === undefined || around === undefined) return;
    // Scrolled into view by the browser, it would be where the next Tab begins, behind "Skip to content".
    const over = Math.max(0, link.bottom - around.bottom);
    rail.current?.scrollBy({ top: over > 0 ? over : Math.min(0, link.top - around.top) });
  }, [here]);
  return (
    <nav
      ref={rail}
      aria-label="Screens"
      className="hidden w-21 shrink-0 flex-col gap-1 overflow-y-auto border-r border-line bg-panel px-1 py-1 md:flex"
    >
      {placeGroups.map(({ word, places }) => (
        <section
          key={word}
          aria-label={word}
          className="flex flex-col border-t border-line pt-1 first:border-t-0 first:pt-0"
        >
          <p aria-hidden="true" className="text-center text-[0.6875rem] leading-4 text-soft">
            {word}
          </p>
          {places.map((place) => (
            <NavigationLink
              key={place.word}
              place={place}
              className="hit rounded-md hover:bg-raised aria-[current=page]:bg-raised aria-[current=page]:shadow-[inset_3px_0_0_var(--accent)]"
            />
          ))}
        </section>
      ))}
    </nav>
  );
};

/** Under the thumb on a phone: what a shift needs, and the way to everything else. */
export const BottomNavigation = () => (
  <nav
    aria-label="Screens"
    className="grid auto-cols-fr grid-flow-col border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:hidden"
  >
    {thumbPlaces.map((place) => (
      <NavigationLink
        key={place.word}
        place={place}
        className="hit-large aria-[current=page]:shadow-[inset_0_3px_0_var(--accent)]"
      />
    ))}
    <MoreSheet />
  </nav>
);
