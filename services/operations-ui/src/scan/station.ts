import type { Receipt, Scan } from "@tagwire/messages";
import { createContext, useContext, useSyncExternalStore } from "react";
import { uuidv7 } from "uuidv7";
import { roughClockOffsetMs } from "../api/rough-clock.ts";
import { keepLane } from "../lane/keeper.ts";
import { kindOf } from "../lane/kinds.ts";
import type { Link } from "../live/freshness.ts";
import { createOutbox, type OutboxState, queuedMax } from "../outbox/outbox.ts";
import { askPersistence } from "../outbox/persistence.ts";
import type { Row } from "../outbox/rows.ts";
import { readStored, store } from "../stored.ts";
import { oddWords } from "../words/lane.ts";
import { outcomeWords } from "../words/outcomes.ts";
import { countOf } from "../words/time.ts";
import { declare, declareLeft, hindranceOf, join, joinAll } from "./declare.ts";
import { notedSessions, noteScanned, noteTooLate, type SessionAt, writeScanned } from "./scanned-tags.ts";
import { noWork, readSettings, type ScanSettings, scanOf, sessionAt, storedText } from "./settings.ts";
import { play, worstOf } from "./tones.ts";

const settingsKey = "tagwire.scan";
/** After the last answer of the queue, in ms: what comes in one upload after another is declared once. */
const declaredAfterMs = 1_000;
/** What could not be declared although the server is reached is declared so long after, in ms. */
const declaredAgainAfterMs = 15_000;

/** The sessions of a site that some scans belong to, each once. */
const sessionsOf = (site: string, scans: readonly Scan[]): SessionAt[] =>
  [...new Set(scans.flatMap(({ session }) => session ?? []))].map((session) => ({ site, session }));

/** Why scans are not being taken. A network that is away is no reason: they are stored. */
export type NotTaken = "signed_out" | "full";

export const notTaken = (state: OutboxState, more = 1): NotTaken | undefined => {
  if (state.needsSignIn) return "signed_out";
  return state.waiting + more > queuedMax ? "full" : undefined;
};

/** A scan that was heard but not taken, said on the screen until the next one. */
export type Turned = {
  readonly site: string;
  readonly tags: number;
  readonly why: NotTaken | "broken" | "garbled";
  readonly atMs: number;
};

export type StationState = {
  readonly settings: ScanSettings;
  /** Who is signed in, or was last. */
  readonly person: string | undefined;
  readonly turned: Turned | undefined;
  /** Scans by site that were not taken since its list was cleared: the next one that is hides the last of them within a second. */
  readonly turnedScans: ReadonlyMap<string, number>;
  /** At which site the newest answer said that a contract was missing. */
  readonly lacksContractAt: string | undefined;
  /** For the polite live region; the count tells two equal texts apart. What is of no one site is said at every one. */
  readonly said: { readonly text: string; readonly count: number; readonly site?: string | undefined };
  readonly online: boolean;
};

export type Station = ReturnType<typeof createStation>;

/** Whether a scan is none of those of the session that it names, as its receipt says: it was made after the end, or under the id of another. */
const isNoneOf = (receipt: Receipt | undefined): boolean =>
  receipt?.code === "session_closed" ||
  receipt?.code === "id_reused" ||
  receipt?.flags?.includes("session_closed") === true;

/**
 * The scan station of this device: settings, queue, tones and what is said aloud. Lives as long as the page; `linkOf` is the
 * live connection of whoever is signed in.
 */
export const createStation = (linkOf: () => Link | undefined) => {
  /* A browser without a network may still reach a server on its own machine: what answers is not away. */
  const isOnline = (): boolean => navigator.onLine || linkOf()?.phase === "open";
  const listeners = new Set<() => void>();
  let state: StationState = {
    settings: readSettings(readStored(settingsKey)),
    person: undefined,
    turned: undefined,
    turnedScans: new Map(),
    lacksContractAt: undefined,
    said: { text: "", count: 0 },
    online: navigator.onLine,
  };
  const set = (change: Partial<StationState>): void => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  const sound = (tune: Parameters<typeof play>[0]): void => {
    if (!state.settings.muted) play(tune);
  };

  const isReached = (): boolean => isOnline() && linkOf()?.phase === "open";
  const outbox = createOutbox({
    onSettled: (rows) => {
      for (const { scan, receipt } of rows)
        if (scan.session !== undefined && isNoneOf(receipt))
          noteTooLate(scan.session, scan.tag, scan.scannedAt);
      declareSoon(rows.flatMap(({ site }) => site));
      for (const { scan, receipt } of rows) if (receipt !== undefined) void lane.tellOfScan(scan.id, receipt);
      const outcomes = rows.flatMap((row) => (row.receipt ? [row.receipt.outcome] : []));
      const worst = rows.some((row) => row.state === "refused") ? "rejected" : worstOf(outcomes);
      if (worst === undefined) return;
      const isTaken = worst === "accepted" || worst === "already_applied";
      sound(isTaken && rows.some(isOdd) ? "odd" : worst);
      set({
        lacksContractAt: rows.find((row) => row.receipt?.code === "contract_required")?.site,
        said: { text: spoken(rows), count: state.said.count + 1, site: rows[0]?.site },
      });
    },
    onSaved: (count) => {
      void askPersistence();
      // Where the server is reached, what became of them sounds a moment later.
      if (isReached()) return;
      sound("saved");
      set({ said: { text: `${countOf(count, "scan")} saved on this device`, count: state.said.count + 1 } });
    },
    beforeSending: (commands) =>
      hindranceOf(
        outbox,
        sessionsOf(
          commands[0]?.site ?? "",
          commands.map(({ payload }) => payload),
        ),
      ),
  });

  const timeOf = () => {
    // The server's clock as far as it is known here: a slow tablet's scan must not look older than what it follows.
    const clockOffsetMs = linkOf()?.clockOffsetMs ?? roughClockOffsetMs();
    return { clockOffsetMs, scannedAt: new Date(Date.now() + clockOffsetMs).toISOString() };
  };

  let signedIn: string | undefined;
  const lane = keepLane({
    outbox,
    ...{ person: () => signedIn, isReached },
    record: (site, make, id) => {
      const { clockOffsetMs, scannedAt } = timeOf();
      outbox.record(make({ id, scannedAt }), { site, clockOffsetMs });
    },
  });

  /** Sites with sessions that are over, or left, and of which this device has something to say; once its queue has been quiet for a moment. */
  const undeclared = new Set<string>();
  let declaring: ReturnType<typeof setTimeout> | undefined;
  const declareSoon = (sites: readonly string[]): void => {
    for (const site of sites) undeclared.add(site);
    clearTimeout(declaring);
    declaring = setTimeout(declareNow, declaredAfterMs);
  };
  let again: ReturnType<typeof setTimeout> | undefined;
  const declareNow = async (): Promise<void> => {
    const sites = [...undeclared];
    undeclared.clear();
    const said = await Promise.all(
      sites.map((site) => declareLeft(outbox, site, sessionAt(state.settings, site))),
    );
    const unsaid = sites.filter((_, index) => said[index] !== true);
    // Whatever was not said for want of a link is said with the next one.
    if (unsaid.length === 0 || !isReached()) return;
    clearTimeout(again);
    again = setTimeout(() => declareSoon(unsaid), declaredAgainAfterMs);
  };

  let wasReached = false;
  const linkChanged = (): void => {
    if (isOnline() !== state.online) set({ online: !state.online });
    const isNew = isReached() && !wasReached;
    wasReached = isReached();
    if (!isNew) return;
    void joinAll(outbox);
    lane.goOn();
    declareSoon(notedSessions().map(({ site }) => site));
  };
  addEventListener("online", () => {
    linkChanged();
    outbox.hurry();
  });
  addEventListener("offline", linkChanged);
  addEventListener("pagehide", writeScanned);
  // What is stored outlasts the page; what is in memory only does not.
  addEventListener("beforeunload", (event) => {
    if (outbox.get().held > 0) event.preventDefault();
  });

  const turnAway = (site: string, tags: number, why: Turned["why"]): void => {
    sound("not_taken");
    const turnedScans = new Map(state.turnedScans).set(site, (state.turnedScans.get(site) ?? 0) + tags);
    set({ turned: { site, tags, why, atMs: Date.now() }, turnedScans });
  };

  return {
    outbox,
    lane,
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get: (): StationState => state,
    /** The live connection was made or lost. */
    linkChanged,
    change: (settings: Partial<ScanSettings>): void => {
      const before = state.settings.session;
      set({ settings: { ...state.settings, ...settings }, turned: undefined, lacksContractAt: undefined });
      store(settingsKey, storedText(state.settings));
      const now = state.settings.session;
      if (before?.id === now?.id) return;
      if (before !== null) void declare(outbox, { site: before.site, session: before.id });
      if (now === null) return;
      const where = { site: now.site, session: now.id };
      noteScanned(where, [], new Date().toISOString());
      // Without an answer it is told with the next link, and before anything that is scanned.
      void join(outbox, where);
    },
    /** A session that this device scans into is over, as somebody else has closed it: it says what it scanned. */
    over: (where: SessionAt): void => {
      void declare(outbox, where);
      declareSoon([where.site]);
    },
    /** Who is signed in now, if anybody: the work of whoever was before is not theirs. */
    setPerson: (name: string | undefined): void => {
      outbox.setPerson(name);
      signedIn = name;
      if (name === undefined || name === state.person) return;
      const settings = state.person === undefined ? state.settings : { ...state.settings, work: noWork };
      set({ person: name, settings });
      lane.goOn();
    },
    /** Forgets what is answered at a site, and what was not taken. */
    clear: (site: string): void => {
      outbox.clearSettled(site);
      const turnedScans = new Map(state.turnedScans);
      turnedScans.delete(site);
      set({ turned: undefined, turnedScans });
    },
    /** A scanner typed, or a reader on a cable spoke, and it is not one whole tag. */
    refuseBroken: (site: string, why: "broken" | "garbled"): void => turnAway(site, 1, why),
    /**
     * Takes tags as they were read. Each gets its id here, before anything is sent. What is wrong with a scan is for the record to
     * say: one that is refused there is still a sighting in the item's life, one that was kept back here never happened.
     */
    take: (site: string, tags: readonly string[]): void => {
      const read = tags.map((tag) => tag.trim()).filter((tag) => tag !== "");
      if (read.length === 0) return;
      const why = notTaken(outbox.get(), read.length);
      if (why !== undefined) return turnAway(site, read.length, why);
      if (state.turned !== undefined) set({ turned: undefined });
      const { clockOffsetMs, scannedAt } = timeOf();
      const joined = sessionAt(state.settings, site);
      const session = joined === undefined ? {} : { session: joined };
      if (joined !== undefined) noteScanned({ site, session: joined }, read, scannedAt);
      outbox.add(
        read.map((tag) => scanOf(state.settings, tag, { id: uuidv7(), scannedAt, ...session })),
        { site, clockOffsetMs },
      );
    },
  };
};

export const turnedWords: Record<Turned["why"], string> = {
  signed_out: "You are signed out. Sign in, then scan again.",
  full: "Too many scans wait on this device. Bring it into the network and wait until they are confirmed.",
  garbled: "The reader on the cable says what is no tag, or went away. See how it does.",
  broken: "Its keys came in pieces or with others between. Clear what is left in a field and scan again.",
};

const isOdd = ({ receipt }: Row): boolean => receipt !== undefined && kindOf(receipt) !== undefined;

/** What became of a scan, and what is odd about it: that is what the lane beside the list calls it. */
const wordOf = ({ receipt }: Row): string => {
  if (receipt === undefined) return "Not recorded";
  const kind = kindOf(receipt);
  return kind === undefined ? outcomeWords[receipt.outcome].word : oddWords[kind].word;
};

const spoken = (rows: readonly Row[]): string => {
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) return `${only.scan.tag}: ${wordOf(only)}`;
  const counts = Object.entries(Object.groupBy(rows, wordOf));
  return counts.map(([word, of]) => `${of?.length ?? 0} ${word.toLowerCase()}`).join(", ");
};

export const StationContext = createContext<Station | undefined>(undefined);

export const useStation = (): Station => {
  const station = useContext(StationContext);
  if (station === undefined) throw new Error("StationContext has no station");
  return station;
};

export const useStationState = (): StationState => {
  const station = useStation();
  return useSyncExternalStore(station.subscribe, station.get);
};

/** How the next scans are meant; what becomes of the ones before draws nothing anew. */
export const useSettings = (): ScanSettings => {
  const station = useStation();
  return useSyncExternalStore(station.subscribe, () => station.get().settings);
};

/** The queue of this device. */
export const useOutbox = (): OutboxState => {
  const { outbox } = useStation();
  return useSyncExternalStore(outbox.subscribe, outbox.get);
};
