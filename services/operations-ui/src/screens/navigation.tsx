import {
  Activity,
  Boxes,
  ClipboardList,
  type LucideIcon,
  RadioTower,
  ScanLine,
  WashingMachine,
} from "lucide-react";
import { go, routeText, type Screen, useRoute } from "../route.ts";
import { useSending } from "../scan/station.ts";
import { useSite } from "../site-context.ts";

const places: readonly { screen: Screen; word: string; icon: LucideIcon }[] = [
  { screen: "live", word: "Live", icon: Activity },
  { screen: "items", word: "Items", icon: Boxes },
  { screen: "boards", word: "Boards", icon: ClipboardList },
  { screen: "laundry", word: "Laundry", icon: WashingMachine },
  { screen: "readers", word: "Readers", icon: RadioTower },
  { screen: "scan", word: "Scan", icon: ScanLine },
];

/** The screens, in the header where there is room. */
export const TopNavigation = () => (
  <nav aria-label="Screens" className="hidden h-full items-stretch gap-1 md:flex">
    <Places className="relative flex items-center gap-2 px-2 lg:px-4 text-sm font-semibold text-soft hover:text-ink aria-[current=page]:text-ink aria-[current=page]:after:absolute aria-[current=page]:after:inset-x-3 aria-[current=page]:after:bottom-0 aria-[current=page]:after:h-[3px] aria-[current=page]:after:bg-accent" />
  </nav>
);

/** The same under the thumb on a phone. */
export const BottomNavigation = () => (
  <nav
    aria-label="Screens"
    className="grid auto-cols-fr grid-flow-col border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:hidden"
  >
    <Places className="hit-large flex min-w-0 flex-col items-center justify-center gap-0.5 text-[0.6875rem] sm:text-xs font-semibold text-soft aria-[current=page]:text-ink aria-[current=page]:shadow-[inset_0_3px_0_var(--accent)]" />
  </nav>
);

const Places = ({ className }: { className: string }) => {
  const site = useSite();
  const { screen } = useRoute();
  const { waiting } = useSending();
  return places.map((place) => (
    <a
      key={place.screen}
      href={routeText({ site: site.id, screen: place.screen })}
      aria-current={place.screen === screen ? "page" : undefined}
      className={className}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        go({ site: site.id, screen: place.screen });
      }}
    >
      <place.icon aria-hidden="true" className="size-5" />
      <span className="max-w-full truncate">
        {place.word}
        {place.screen === "scan" && waiting > 0 && <span className="tabular-nums"> · {waiting}</span>}
      </span>
    </a>
  ));
};
