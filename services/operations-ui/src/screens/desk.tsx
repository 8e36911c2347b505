import type { Site } from "@tagwire/messages";
import { lazy, Suspense, useEffect, useRef } from "react";
import type { Session } from "../api/session.ts";
import type { Freshness } from "../live/freshness.ts";
import { useFreshness, useView } from "../live/use-live.ts";
import { Waiting } from "../look/panel.tsx";
import { roomForRail, useMedia } from "../look/use-media.ts";
import { type Screen, useRoute } from "../route.ts";
import { listenForScans } from "../scan/listen.ts";
import { ResultStrip } from "../scan/result-strip.tsx";
import { ScanPanel } from "../scan/scan-panel.tsx";
import { turnedWords, useStation, useStationState } from "../scan/station.ts";
import type { SessionKeeper } from "../session-keeper.ts";
import { SiteContext, useSite } from "../site-context.ts";
import { countOf } from "../words/time.ts";
import { Banners } from "./banners.tsx";
import { BoardsScreen } from "./boards/boards-screen.tsx";
import { PartFault } from "./entry/page-fault.tsx";
import { Header } from "./header.tsx";
import { ItemDrawer } from "./item/item-drawer.tsx";
import { ItemsScreen } from "./items/items-screen.tsx";
import { LaundryScreen } from "./laundry/laundry-screen.tsx";
import { BottomNavigation } from "./navigation.tsx";
import { Overview } from "./overview/overview.tsx";

/* What nobody needs to scan with is loaded when somebody wants it: a tablet in the yard has little of the network. */
const ReadersScreen = lazy(async () => ({
  default: (await import("./readers/readers-screen.tsx")).ReadersScreen,
}));
const TrainingScreen = lazy(async () => ({
  default: (await import("./training/training-screen.tsx")).TrainingScreen,
}));

const screenWords: Record<Screen, string> = {
  live: "Live",
  items: "Items",
  boards: "Boards",
  laundry: "Laundry",
  readers: "Readers",
  scan: "Scan",
  training: "Training",
};

const Shown = ({ screen }: { screen: Screen }) => {
  switch (screen) {
    case "live":
      return <Overview />;
    case "items":
      return <ItemsScreen />;
    case "boards":
      return <BoardsScreen />;
    case "laundry":
      return <LaundryScreen />;
    case "readers":
      return <ReadersScreen />;
    case "scan":
      return <ScanPanel large />;
    case "training":
      return <TrainingScreen />;
  }
};

type Props = { site: Site; sites: readonly Site[]; session: Session; keeper: SessionKeeper };

/** The page of one site: header, what is shown, and the scan station, which hears scanners wherever the focus is. */
export const Desk = ({ site, sites, session, keeper }: Props) => {
  const { screen, tag } = useRoute();
  const station = useStation();
  const main = useRef<HTMLElement>(null);
  const hasRoom = useMedia(roomForRail);
  useEffect(
    () => listenForScans({ tags: (tags) => station.take(site.id, tags), broken: station.refuseBroken }),
    [station, site.id],
  );
  useEffect(() => {
    document.title = `${screenWords[screen]} · ${site.name} · Tagwire`;
  }, [screen, site.name]);

  return (
    <SiteContext value={site}>
      <button
        type="button"
        className="fixed top-2 left-2 z-50 -translate-y-24 rounded-md bg-primary px-4 py-3 font-semibold text-on-primary focus:translate-y-0"
        onClick={() => main.current?.focus()}
      >
        Skip to content
      </button>
      <div className="flex h-dvh flex-col">
        <Header site={site} sites={sites} session={session} keeper={keeper} />
        <Banners session={session} keeper={keeper} />
        <div className="flex min-h-0 grow">
          <main
            ref={main}
            id="main"
            tabIndex={-1}
            className="relative min-w-0 grow overflow-y-auto outline-none"
          >
            <PartFault key={screen}>
              <Suspense fallback={<Waiting>One moment…</Waiting>}>
                <Shown screen={screen} />
              </Suspense>
            </PartFault>
          </main>
          {hasRoom && screen !== "scan" && (
            <aside
              aria-label="Scan station"
              className="w-96 shrink-0 overflow-y-auto border-l border-line bg-panel"
            >
              <ScanPanel />
            </aside>
          )}
        </div>
        {!hasRoom && screen !== "scan" && <ResultStrip />}
        <BottomNavigation />
      </div>
      <Announcer />
      {tag !== undefined && <ItemDrawer key={tag} tag={tag} />}
    </SiteContext>
  );
};

const freshnessWords: Record<Freshness["state"], string> = {
  waiting: "",
  live: "The figures are live.",
  stale: "The figures are stale.",
  reconnecting: "Reconnecting. The figures are old.",
  held: "The figures are held still.",
};

/*
 * Says when the figures stop or begin again to be present, and not each second how old they are. Listening to the events here
 * also lets every screen learn that its view fell behind the record: that is told by the position of the events.
 */
const FreshnessSaid = () => {
  const { state } = useFreshness(useView(useSite().id, "events"));
  return (
    <div aria-live="polite">
      <p>{freshnessWords[state]}</p>
    </div>
  );
};

/* An open item hides everything from a screen reader that is not inside it, except what says aria-live of itself. */
const Announcer = () => {
  const { said, turned } = useStationState();
  return (
    <div className="sr-only">
      <div aria-live="polite">
        <p key={said.count}>{said.text}</p>
      </div>
      <FreshnessSaid />
      <div role="alert" aria-live="assertive">
        {turned && (
          <p key={turned.atMs}>{`${countOf(turned.tags, "scan")} not taken. ${turnedWords[turned.why]}`}</p>
        )}
      </div>
    </div>
  );
};
