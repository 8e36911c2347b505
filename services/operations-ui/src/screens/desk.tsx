import type { Site } from "@tagwire/messages";
import { lazy, Suspense, useEffect, useRef } from "react";
import type { Session } from "../api/session.ts";
import type { Freshness } from "../live/freshness.ts";
import { useFreshness, useLinkState, useView } from "../live/use-live.ts";
import { Waiting } from "../look/panel.tsx";
import { roomForRail, useMedia } from "../look/use-media.ts";
import { startReports } from "../outbox/report.ts";
import { type Screen, useRoute } from "../route.ts";
import { heardElsewhere } from "../scan/diverted.ts";
import { type Hearing, hearWith } from "../scan/hearing.ts";
import { JoinedWatch } from "../scan/joined-watch.tsx";
import { listenForScans } from "../scan/listen.ts";
import { ResultStrip } from "../scan/result-strip.tsx";
import { useResults } from "../scan/results.ts";
import { ScanPanel } from "../scan/scan-panel.tsx";
import { resumeReader } from "../scan/sources.ts";
import { turnedWords, useOutbox, useStation, useStationState } from "../scan/station.ts";
import type { SessionKeeper } from "../session-keeper.ts";
import { SiteContext, useSite } from "../site-context.ts";
import { screenWords } from "../words/places.ts";
import { queueSaid } from "../words/queue.ts";
import { countOf } from "../words/time.ts";
import { Banners } from "./banners.tsx";
import { PartFault } from "./entry/page-fault.tsx";
import { Header } from "./header.tsx";
import { ItemDrawer } from "./item/item-drawer.tsx";
import { fetchPart } from "./late-part.ts";
import { LookUpDoor } from "./look-up/look-up-door.tsx";
import { heardByLookUp } from "./look-up/opened.ts";
import { BottomNavigation, SideNavigation } from "./navigation.tsx";
import { Overview } from "./overview/overview.tsx";
import { useScrollPlace } from "./use-scroll-place.ts";

/* What nobody needs to scan with is loaded when somebody wants it: a tablet in the yard has little of the network. */
const ItemsScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./items/items-screen.tsx"))).ItemsScreen,
}));
const NoScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./entry/no-screen.tsx"))).NoScreen,
}));
const FindScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./find/find-screen.tsx"))).FindScreen,
}));
const CommissioningScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./commissioning/commissioning-screen.tsx"))).CommissioningScreen,
}));
const BoardsScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./boards/boards-screen.tsx"))).BoardsScreen,
}));
const LaundryScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./laundry/laundry-screen.tsx"))).LaundryScreen,
}));
const ReadersScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./readers/readers-screen.tsx"))).ReadersScreen,
}));
const AgreementScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./agreement/agreement-screen.tsx"))).AgreementScreen,
}));
const RfidproScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./rfidpro/rfidpro-screen.tsx"))).RfidproScreen,
}));
const AlertsScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./alerts/alerts-screen.tsx"))).AlertsScreen,
}));
const AdminScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./admin/admin-screen.tsx"))).AdminScreen,
}));
const QueueScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./queue/queue-screen.tsx"))).QueueScreen,
}));
const TrainingScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./training/training-screen.tsx"))).TrainingScreen,
}));

const Shown = ({ screen }: { screen: Screen }) => {
  switch (screen) {
    case "live":
      return <Overview />;
    case "items":
      return <ItemsScreen />;
    case "find":
      return <FindScreen />;
    case "commissioning":
      return <CommissioningScreen />;
    case "boards":
      return <BoardsScreen />;
    case "laundry":
      return <LaundryScreen />;
    case "readers":
      return <ReadersScreen />;
    case "agreement":
      return <AgreementScreen />;
    case "rfidpro":
      return <RfidproScreen />;
    case "scan":
      return <ScanPanel large />;
    case "queue":
      return <QueueScreen />;
    case "training":
      return <TrainingScreen />;
    case "alerts":
      return <AlertsScreen />;
    case "admin":
      return <AdminScreen />;
    // It stands alone, without this page around it.
    case "wall":
      return null;
  }
};

type Props = { site: Site; sites: readonly Site[]; session: Session; keeper: SessionKeeper };

/** The page of one site: header, what is shown, and the scan station, which hears scanners wherever the focus is. */
export const Desk = ({ site, sites, session, keeper }: Props) => {
  const route = useRoute();
  const { screen, tag, unknown } = route;
  const station = useStation();
  const main = useRef<HTMLElement>(null);
  // Nothing is recorded while things are looked for, so there is nothing to show of it.
  const isAlone = screen === "scan" || screen === "find";
  const hasRoom = useMedia(roomForRail);
  useScrollPlace(main, route);
  useEffect(() => {
    const hearing: Hearing = {
      // Whoever has opened the look-up asks what a tag is: nothing becomes of the thing.
      tags: (tags) => heardByLookUp(tags) || heardElsewhere(tags) || station.take(site.id, tags),
      broken: (why) => station.refuseBroken(site.id, why),
    };
    const stops = [listenForScans(hearing), hearWith(hearing)];
    resumeReader();
    return () => {
      for (const stop of stops) stop();
    };
  }, [station, site.id]);
  useEffect(() => startReports(station.outbox, site.id), [station, site.id]);
  // Names are kept by a part of the page that is fetched behind everything else: nobody waits for it to scan.
  useEffect(() => {
    let leave: (() => void) | undefined;
    let isLeft = false;
    void import("../prefetch/keeper.ts")
      .then(({ keepNames }) => {
        if (!isLeft) leave = keepNames(station, site.id);
      })
      .catch(() => {});
    return () => {
      isLeft = true;
      leave?.();
    };
  }, [station, site.id]);
  useEffect(() => {
    document.title = `${unknown ?? screenWords[screen]} · ${site.name} · Tagwire`;
  }, [screen, unknown, site.name]);

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
          <SideNavigation />
          <main
            ref={main}
            id="main"
            tabIndex={-1}
            className="relative min-w-0 grow overflow-y-auto outline-none"
          >
            <PartFault key={unknown ?? screen}>
              <Suspense fallback={<Waiting>One moment…</Waiting>}>
                {unknown === undefined ? <Shown screen={screen} /> : <NoScreen name={unknown} />}
              </Suspense>
            </PartFault>
          </main>
          {hasRoom && !isAlone && (
            <aside
              aria-label="Scan station"
              className="w-96 shrink-0 overflow-y-auto border-l border-line bg-panel"
            >
              <ScanPanel />
            </aside>
          )}
        </div>
        {!hasRoom && !isAlone && <ResultStrip />}
        <BottomNavigation />
      </div>
      <Announcer />
      <JoinedWatch />
      <LookUpDoor />
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

/* Says what the queue does when that changes, and not each time that a scan comes or goes. */
const QueueSaid = () => {
  const { phase } = useLinkState();
  return (
    <div aria-live="polite">
      <p>{queueSaid(useOutbox(), phase === "open")}</p>
    </div>
  );
};

/* An open item hides everything from a screen reader that is not inside it, except what says aria-live of itself. */
const Announcer = () => {
  const { said } = useStationState();
  const { turned } = useResults();
  const { id } = useSite();
  return (
    <div className="sr-only">
      <div aria-live="polite">
        <p key={said.count}>{(said.site ?? id) === id && said.text}</p>
      </div>
      <FreshnessSaid />
      <QueueSaid />
      <div role="alert" aria-live="assertive">
        {turned && (
          <p key={turned.atMs}>{`${countOf(turned.tags, "scan")} not taken. ${turnedWords[turned.why]}`}</p>
        )}
      </div>
    </div>
  );
};
