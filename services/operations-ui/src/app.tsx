import type { Site } from "@tagwire/messages";
import { lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { Session } from "./api/session.ts";
import { fetchSites } from "./api/sites.ts";
import { LiveContext } from "./live/use-live.ts";
import { go, useRoute } from "./route.ts";
import { type Station, StationContext } from "./scan/station.ts";
import { Desk } from "./screens/desk.tsx";
import { Entry } from "./screens/entry/entry.tsx";
import { FirstSite } from "./screens/entry/first-site.tsx";
import { NoSite } from "./screens/entry/no-site.tsx";
import { PartFault } from "./screens/entry/page-fault.tsx";
import { SignIn } from "./screens/entry/sign-in.tsx";
import { fetchPart } from "./screens/late-part.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import { SiteContext } from "./site-context.ts";
import { readStored, store } from "./stored.ts";

/* A wall has nothing around its figures, and no scans of its own: whatever is typed at it is recorded nowhere. */
const WallScreen = lazy(async () => ({
  default: (await fetchPart(() => import("./screens/wall/wall-screen.tsx"))).WallScreen,
}));

type Props = { keeper: SessionKeeper; station: Station };

/** Who is there, and at which site? Everything else is behind those two questions. */
export const App = ({ keeper, station }: Props) => {
  const state = useSyncExternalStore(keeper.subscribe, keeper.get);
  if (state.kind === "checking") return <Entry title="Tagwire" note="Connecting…" />;
  if (state.kind === "unreachable")
    return <Entry title="No connection" note={`${state.message} Trying again.`} />;
  if (state.kind === "out") {
    return <SignIn keeper={keeper} notice={state.notice} station={station} />;
  }
  return (
    <LiveContext value={state.live}>
      <StationContext value={station}>
        <Sites session={state.session} keeper={keeper} />
      </StationContext>
    </LiveContext>
  );
};

const lastSiteKey = "tagwire.site";
const sitesKey = "tagwire.sites";

/** The sites as they were told last, for a page that is opened without a server. */
const readSites = (): readonly Site[] | undefined => {
  try {
    const kept: unknown = JSON.parse(readStored(sitesKey) ?? "null");
    return Array.isArray(kept) && kept.length > 0 ? kept : undefined;
  } catch {
    return undefined;
  }
};
const retryMs = 3_000;
/** How often the list of sites is read again while the page is looked at: another may be opened elsewhere. */
const sitesEveryMs = 20_000;

/** Whether nothing changed, so that the page has nothing to draw anew. */
const isSame = (known: readonly Site[] | undefined, read: readonly Site[]): boolean =>
  JSON.stringify(known) === JSON.stringify(read);

const Sites = ({ session, keeper }: { session: Session; keeper: SessionKeeper }) => {
  const route = useRoute();
  const [sites, setSites] = useState<readonly Site[]>();
  const [trouble, setTrouble] = useState<string>();

  const load = useCallback(async () => {
    const answer = await fetchSites();
    if (answer.kind === "ok") {
      setSites((known) => (isSame(known, answer.value) ? known : answer.value));
      store(sitesKey, JSON.stringify(answer.value));
    } else if (answer.kind === "signed_out") keeper.lost();
    else {
      setTrouble(answer.refusal.message);
      if (answer.refusal.retryable) setSites((known) => known ?? readSites());
    }
    return answer.kind;
  }, [keeper]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const attempt = async (): Promise<void> => {
      if ((await load()) === "refused") timer = setTimeout(attempt, retryMs);
    };
    void attempt();
    return () => clearTimeout(timer);
  }, [load]);

  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && void load(), sitesEveryMs);
    return () => clearInterval(timer);
  }, [load]);

  const site = sites?.find((each) => each.id === route.site);
  // An address may name a site that was made after this page was opened: the sites are read again before it is given up.
  const [asked, setAsked] = useState<string>();
  useEffect(() => {
    if (sites === undefined) return;
    if (site !== undefined) return store(lastSiteKey, site.id);
    if (route.site !== undefined) {
      if (route.site !== asked) void load().then(() => setAsked(route.site));
      return;
    }
    const last = readStored(lastSiteKey);
    const next = sites.find((each) => each.id === last) ?? sites[0];
    if (next !== undefined) go({ site: next.id, screen: route.screen }, "replace");
  }, [sites, site, route.site, route.screen, asked, load]);

  if (sites === undefined)
    return <Entry title="Tagwire" note={trouble ? `${trouble} Trying again.` : "Loading sites…"} />;
  if (sites.length === 0) return <FirstSite onCreated={() => void load()} />;
  if (site === undefined && route.site !== undefined && route.site === asked)
    return <NoSite id={route.site} sites={sites} screen={route.screen} />;
  if (site === undefined) return <Entry title="Tagwire" note="Opening the site…" />;
  if (route.screen === "wall" && route.unknown === undefined)
    return (
      <SiteContext key={site.id} value={site}>
        <PartFault>
          <Suspense fallback={<Entry title={site.name} note="One moment…" />}>
            <WallScreen />
          </Suspense>
        </PartFault>
      </SiteContext>
    );
  return <Desk key={site.id} site={site} sites={sites} session={session} keeper={keeper} />;
};
