import type { ComponentProps } from "react";
import { go, type Place, routeText } from "../route.ts";

/** A link to another place of this page: it goes there at once, and opens a window of its own like any other when somebody wants one. */
export const PlaceLink = ({
  place,
  ...anchor
}: { place: Place } & Omit<ComponentProps<"a">, "href" | "onClick">) => (
  <a
    href={routeText(place)}
    onClick={(event) => {
      if (event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      go(place);
    }}
    {...anchor}
  />
);

/** From one thing back to all of its kind, or on to another. */
export const WayLink = (props: Omit<ComponentProps<typeof PlaceLink>, "className">) => (
  <PlaceLink
    {...props}
    className="hit inline-flex items-center gap-2 justify-self-start rounded-md px-3 text-sm font-semibold hover:bg-raised"
  />
);
