import { useEffect } from "react";
import { go } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { allPlaces, placeCalled } from "../../words/places.ts";
import { addressOf, NavigationLink } from "../navigation-link.tsx";

/** The address names a screen that there is not: another one's figures must not stand under it. What people call a screen leads there. */
export const NoScreen = ({ name }: { name: string }) => {
  const site = useSite();
  const meant = placeCalled(name);
  useEffect(() => {
    if (meant !== undefined) go(addressOf(site.id, meant), "replace");
  }, [site.id, meant]);
  if (meant !== undefined) return null;
  return (
    <section className="grid justify-items-center gap-4 p-6">
      <h2 className="text-lg font-semibold break-words">There is no screen “{name}”</h2>
      <p className="text-soft">The address may be old or mistyped. These are the screens:</p>
      <div className="grid w-full max-w-xl grid-cols-3 gap-1 sm:grid-cols-4">
        {allPlaces.map((place) => (
          <NavigationLink key={place.word} place={place} className="hit-large rounded-md hover:bg-raised" />
        ))}
      </div>
    </section>
  );
};
