import { createContext, useContext, useSyncExternalStore } from "react";
import { uuidv7 } from "uuidv7";
import { postScans } from "../api/scans.ts";
import type { Link } from "../live/freshness.ts";
import { readStored, store } from "../stored.ts";
import { outcomeWords } from "../words/outcomes.ts";
import { createSender, type NotTaken, notTaken, type Sending } from "./sender.ts";
import { readSettings, type ScanSettings, scanOf } from "./settings.ts";
import { play, worstOf } from "./tones.ts";

const settingsKey = "tagwire.scan";
const recheckMs = 1_000;

/** A scan that was heard but not taken, said on the screen until the next one. */
export type Turned = {
  readonly tags: number;
  readonly why: NotTaken | "broken";
  readonly atMs: number;
};

export type StationState = {
  readonly settings: ScanSettings;
  readonly turned: Turned | undefined;
  /** The newest answer said that a contract was missing. */
  readonly lacksContract: boolean;
  /** For the polite live region; the count tells two equal texts apart. */
  readonly said: { readonly text: string; readonly count: number };
  readonly online: boolean;
};

export type Station = ReturnType<typeof createStation>;

/**
 * The scan station of this device: settings, sender, tones and what is said aloud. Lives as long as the page; `linkOf` is the
 * live connection of whoever is signed in.
 */
export const createStation = (linkOf: () => Link | undefined) => {
  /* A browser without a network may still reach a server on its own machine: what answers is not away. */
  const isOnline = (): boolean => navigator.onLine || linkOf()?.phase === "open";
  const listeners = new Set<() => void>();
  let state: StationState = {
    settings: readSettings(readStored(settingsKey)),
    turned: undefined,
    lacksContract: false,
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

  const sender = createSender({
    post: postScans,
    wait: (delayMs, hurried) =>
      Promise.race([new Promise<void>((resolve) => setTimeout(resolve, delayMs)), hurried]),
    nowMs: () => Date.now(),
    random: () => Math.random(),
    onSettled: (rows) => {
      const outcomes = rows.flatMap((row) => (row.receipt ? [row.receipt.outcome] : []));
      const worst = rows.some((row) => row.state === "refused") ? "rejected" : worstOf(outcomes);
      if (worst === undefined) return;
      sound(worst);
      set({
        lacksContract: rows.some((row) => row.receipt?.code === "contract_required"),
        said: { text: spoken(rows), count: state.said.count + 1 },
      });
    },
  });

  setInterval(sender.check, recheckMs);
  const linkChanged = (): void => {
    if (isOnline() !== state.online) set({ online: !state.online });
  };
  addEventListener("online", () => {
    linkChanged();
    sender.hurry();
  });
  addEventListener("offline", linkChanged);
  addEventListener("beforeunload", (event) => {
    if (sender.get().waiting > 0) event.preventDefault();
  });

  const turnAway = (tags: number, why: Turned["why"]): void => {
    sound("not_taken");
    set({ turned: { tags, why, atMs: Date.now() } });
  };

  return {
    sender,
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get: (): StationState => state,
    /** The live connection was made or lost. */
    linkChanged,
    change: (settings: Partial<ScanSettings>): void => {
      set({ settings: { ...state.settings, ...settings }, turned: undefined, lacksContract: false });
      store(settingsKey, JSON.stringify(state.settings));
    },
    /** A scanner typed, but what it typed is not one whole tag. */
    refuseBroken: (): void => turnAway(1, "broken"),
    /**
     * Takes tags as they were read. Each gets its id here, before anything is sent. What is wrong with a scan is for the record to
     * say: one that is refused there is still a sighting in the item's life, one that was kept back here never happened.
     */
    take: (site: string, tags: readonly string[]): void => {
      const read = tags.map((tag) => tag.trim()).filter((tag) => tag !== "");
      if (read.length === 0) return;
      const why = notTaken(sender.get(), state.online, read.length);
      if (why !== undefined) return turnAway(read.length, why);
      if (state.turned !== undefined) set({ turned: undefined });
      // The server's clock as far as it is known here: a slow tablet's scan must not look older than what it follows.
      const scannedAt = new Date(Date.now() + (linkOf()?.clockOffsetMs ?? 0)).toISOString();
      const joined = state.settings.session;
      const session = joined?.site === site ? { session: joined.id } : {};
      sender.add(
        site,
        read.map((tag) => scanOf(state.settings, tag, { id: uuidv7(), scannedAt, ...session })),
      );
    },
  };
};

export const turnedWords: Record<Turned["why"], string> = {
  offline: "This device is offline. Scan again when the connection is back.",
  unreachable: "The server does not answer. Scan again when it does.",
  signed_out: "You are signed out. Sign in, then scan again.",
  full: "Too many scans wait for an answer. Wait until they are confirmed.",
  broken: "Its keys came in pieces or with others between. Clear what is left in a field and scan again.",
};

const spoken = (rows: readonly Sending[]): string => {
  const [only] = rows;
  const wordOf = (row: Sending): string =>
    row.receipt ? outcomeWords[row.receipt.outcome].word : "Not recorded";
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

export const useSending = () => {
  const { sender } = useStation();
  return useSyncExternalStore(sender.subscribe, sender.get);
};
