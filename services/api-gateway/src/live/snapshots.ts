import { ask, type Bus } from "@tagwire/bus";
import {
  AskFindingRows,
  AskReaders,
  AskRfidproRows,
  AskScreens,
  AskSnapshot,
  type LiveView,
  type Position,
} from "@tagwire/messages";
import type { Build } from "./channel.ts";
import { type Filter, filterName, noFilter, questionOf, rowTest } from "./filter.ts";
import { openTurns } from "./turns.ts";

/** Pages read at once; the others wait for their turn. */
const pagesRunningMax = 6;
/** Pages that may wait. Each connection asks for one at a time, so this is more than one page for each. */
const pagesWaitingMax = 1_000;
/** A part of a snapshot ends before it is larger than this, in characters, unless a single row is. */
export const partLengthMax = 64 * 1024;

/** Some rows of a view as of one position. */
export type Page = {
  readonly known: boolean;
  readonly epoch: number;
  readonly pos: number;
  readonly generation: string | undefined;
  /** The rows as JSON arrays, at least one, shared by all who asked for the same. */
  readonly parts: readonly string[];
  readonly rowCount: number;
  /** Where the next page begins; null when this is the last. */
  readonly next: string | null;
};

export type View = {
  readonly site: string;
  readonly view: LiveView;
  readonly filter: Filter;
};

/** Where a page begins, and what the channel's chain was when it was asked for: {@link Channel.breaks}. */
export type PageStart = { readonly cursor: string | null; readonly breaks: number };

export type Snapshots = {
  /** @throws Fault as the owner of the view said it, or `overloaded`; the signal's reason when it says to stop. */
  readonly page: (view: View, start: PageStart, signal: AbortSignal) => Promise<Page>;
};

type Row = Readonly<Record<string, unknown>> & { readonly key: string };

const inParts = (rows: readonly Row[]): string[] => {
  const parts: string[] = [];
  let texts: string[] = [];
  let length = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (texts.length > 0 && length + text.length > partLengthMax) {
      parts.push(`[${texts.join(",")}]`);
      texts = [];
      length = 0;
    }
    texts.push(text);
    length += text.length + 1;
  }
  return [...parts, `[${texts.join(",")}]`];
};

type Read = Omit<Page, "parts" | "rowCount"> & { readonly rows: readonly Row[] };

/** The rows of readers are what their owner answers anybody. */
const readReaders = async (bus: Bus, { site }: View, cursor: string | null): Promise<Read> => {
  const { readers, next = null, ...at } = await ask(bus, AskReaders, { site, cursor });
  const rows = readers.map((reader) => ({ ...reader, key: reader.id }));
  return { known: true, ...at, generation: undefined, rows, next };
};

/** The rows of screens are those of all gateways: any of them answers. */
const readScreens = async (bus: Bus, { site }: View): Promise<Read> => ({
  ...(await ask(bus, AskScreens, { site })),
  known: true,
  next: null,
});

/** What audits found is as of a line of their own log. */
const readFindings = async (bus: Bus, { site }: View, cursor: string | null): Promise<Read> => {
  const { rows, ...at } = await ask(bus, AskFindingRows, { site, cursor });
  return { known: true, ...at, generation: undefined, rows: rows.map((row) => ({ ...row, key: row.id })) };
};

/** Pulls of the old system are few, so that those of a site are one page. */
const readPulls = async (bus: Bus, { site }: View): Promise<Read> => ({
  ...(await ask(bus, AskRfidproRows, { site })),
  ...{ known: true, generation: undefined, next: null },
});

const readRows = async (bus: Bus, view: View, cursor: string | null): Promise<Read> => {
  const { site, view: name, filter } = view;
  if (name === "readers") return readReaders(bus, view, cursor);
  if (name === "screens") return readScreens(bus, view);
  if (name === "rfidpro") return readPulls(bus, view);
  if (name === "findings") return readFindings(bus, view, cursor);
  const { generation, ...read } = await ask(bus, AskSnapshot, {
    site,
    view: name,
    cursor,
    ...questionOf(filter),
  });
  return { ...read, generation };
};

/** How far the owner of a view has got; undefined when it does not know the site. */
export const readPosition = async (
  bus: Bus,
  { site, view }: Pick<View, "site" | "view">,
): Promise<(Build & Position) | undefined> => {
  const { known, ...at } = await readRows(bus, { site, view, filter: noFilter }, null);
  return known ? at : undefined;
};

/** Reads a page and looks at each of its rows as at the changes that follow, so that both mean the same by a filter. */
const readPage = async (bus: Bus, view: View, cursor: string | null): Promise<Page> => {
  const { rows, ...page } = await readRows(bus, view, cursor);
  const wanted = rows.filter(rowTest(view.view, view.filter));
  return { ...page, parts: inParts(wanted), rowCount: wanted.length };
};

/** A page that is being read, or waits to be, and how many want it. */
type Load = { readonly page: Promise<Page>; readonly leave: AbortController; wanted: number; begun: boolean };

/** Reads views page by page, each page only once for all who ask for the same one meanwhile. */
export const openSnapshots = (bus: Bus): Snapshots => {
  const loading = new Map<string, Load>();
  const turns = openTurns({ runningMax: pagesRunningMax, waitingMax: pagesWaitingMax });

  const begin = (key: string, view: View, cursor: string | null): Load => {
    const leave = new AbortController();
    const read = async () => {
      try {
        const end = await turns.enter(leave.signal);
        load.begun = true;
        return await readPage(bus, view, cursor).finally(end);
      } finally {
        if (loading.get(key) === load) loading.delete(key);
      }
    };
    // Not before `load` is there: what is refused at once has to find it.
    const load: Load = { page: Promise.resolve().then(read), leave, wanted: 0, begun: false };
    loading.set(key, load);
    return load;
  };

  return {
    page: async (view, { cursor, breaks }, signal) => {
      signal.throwIfAborted();
      const { site, view: name, filter } = view;
      const key = JSON.stringify([site, name, filterName(filter), cursor, breaks]);
      const load = loading.get(key) ?? begin(key, view, cursor);
      load.wanted += 1;
      const leave = () => {
        load.wanted -= 1;
        if (load.wanted > 0 || load.begun) return;
        // Whoever asks for the same from now on must not get the end of this.
        if (loading.get(key) === load) loading.delete(key);
        load.leave.abort(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      try {
        return await load.page;
      } finally {
        signal.removeEventListener("abort", leave);
      }
    },
  };
};
