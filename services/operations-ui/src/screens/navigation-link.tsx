import { type Place, useRoute } from "../route.ts";
import { useOutbox } from "../scan/station.ts";
import { useSite } from "../site-context.ts";
import { type Destination, placeAt, placeQuery } from "../words/places.ts";
import { PlaceLink } from "./place-link.tsx";

/** The place that is open. */
export const usePlaceHere = (): Destination | undefined => {
  const { screen, query, unknown } = useRoute();
  if (unknown !== undefined) return undefined;
  return placeAt(screen, query.get("board"));
};

/** The address of a place at a site. */
export const addressOf = (site: string, place: Destination): Place => ({
  ...{ site, screen: place.screen, query: placeQuery(place) },
});

/* Alone it follows the queue: of all links it is the one that says something of it. */
const WaitingScans = () => {
  const { waiting } = useOutbox();
  return waiting > 0 && <span className="tabular-nums"> · {waiting}</span>;
};

/** A sign with its word beneath: whole words also where there is little room. */
export const NavigationLink = ({ place, className }: { place: Destination; className: string }) => {
  const site = useSite();
  const here = usePlaceHere();
  return (
    <PlaceLink
      place={addressOf(site.id, place)}
      aria-current={place === here ? "page" : undefined}
      className={`flex flex-col items-center justify-center gap-0.5 text-[0.6875rem] font-semibold text-soft hover:text-ink aria-[current=page]:text-ink ${className}`}
    >
      <place.icon aria-hidden="true" className="size-5" />
      <span className="whitespace-nowrap">
        {place.word}
        {place.screen === "scan" && <WaitingScans />}
      </span>
    </PlaceLink>
  );
};
