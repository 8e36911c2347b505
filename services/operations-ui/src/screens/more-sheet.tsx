import { Dialog } from "@base-ui/react/dialog";
import { LayoutGrid, X } from "lucide-react";
import { useState } from "react";
import { buttonClass } from "../look/button.tsx";
import { useRoute } from "../route.ts";
import { placeGroups, thumbPlaces } from "../words/places.ts";
import { NavigationLink, usePlaceHere } from "./navigation-link.tsx";

/** Every screen, on a sheet that rises from the bottom bar of a phone. */
export const MoreSheet = () => {
  const [isOpen, setOpen] = useState(false);
  const here = usePlaceHere();
  const { site, screen, query } = useRoute();
  // Whoever has gone somewhere, by whichever way, has no more use for the sheet.
  const address = `${site}/${screen}/${query}`;
  const [openedAt, setOpenedAt] = useState(address);
  if (openedAt !== address) {
    setOpenedAt(address);
    setOpen(false);
  }
  const isBeyond = here === undefined || !thumbPlaces.includes(here);
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger
        aria-current={isBeyond ? "true" : undefined}
        className="hit-large flex flex-col items-center justify-center gap-0.5 text-[0.6875rem] font-semibold text-soft aria-[current=true]:text-ink aria-[current=true]:shadow-[inset_0_3px_0_var(--accent)]"
      >
        <LayoutGrid aria-hidden="true" className="size-5" />
        More
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.45)]" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-40 max-h-[90dvh] overflow-y-auto rounded-t-lg border-t border-edge bg-panel px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] outline-none md:hidden">
          <div className="flex items-center pt-1">
            <Dialog.Title className="grow px-1 text-base font-semibold">Screens</Dialog.Title>
            <Dialog.Close className={`${buttonClass("quiet")} px-3!`} aria-label="Close">
              <X aria-hidden="true" className="size-5" />
            </Dialog.Close>
          </div>
          {placeGroups.map(({ word, places }) => (
            <section key={word} aria-label={word} className="border-t border-line py-2">
              <h3 className="caption px-1 pb-1">{word}</h3>
              <div className="grid grid-cols-3 gap-1">
                {places.map((place) => (
                  <NavigationLink
                    key={place.word}
                    place={place}
                    className="hit-large rounded-md aria-[current=page]:bg-raised"
                  />
                ))}
              </div>
            </section>
          ))}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
};
