import { ask, type Bus } from "@tagwire/bus";
import { AskReaders, AskSnapshot, type ItemFilter, type LiveView } from "@tagwire/messages";
import { statusesOf } from "./filter.ts";
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
  readonly filter: ItemFilter | undefined;
};

/** Where a page begins, and what the channel's chain was when it was asked for: {@link Channel.breaks}. */
export type PageStart = { readonly cursor: string | null; readonly breaks: number };

export type Snapshots = {
  /** @throws Fault as the owner of the view said it, or `overloaded`; the signal's reason when it says to stop. */
  readonly page: (view: View, start: PageStart, signal: AbortSignal) => Promise<Page>;
};

type Row = Readonly<Record<string, unknown>>;

const filterOf = ({ filter = {} }: View) => {
  const { status, ...rest } = filter;
  return { ...rest, ...(status === undefined ? {} : { status: statusesOf(status) }) };
};

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

const readReaders = async (bus: Bus, { site }: View): Promise<Page> => {
  const { epoch, pos, readers } = await ask(bus, AskReaders, { site });
  const rows = readers.map((reader) => ({ ...reader, key: reader.id }));
  return {
    known: true,
    epoch,
    pos,
    generation: undefined,
    parts: inParts(rows),
    rowCount: rows.length,
    next: null,
  };
};

// The manager shows the newest events of a site; those of one tag are picked here.
const isWanted = ({ view, filter }: View, row: Row): boolean =>
  view !== "events" || filter?.tag === undefined || row.tag === filter.tag;

const readPage = async (bus: Bus, view: View, cursor: string | null): Promise<Page> => {
  if (view.view === "readers") return readReaders(bus, view);
  const page = await ask(bus, AskSnapshot, { site: view.site, view: view.view, cursor, ...filterOf(view) });
  const { known, epoch, pos, generation, next } = page;
  const rows = page.rows.filter((row) => isWanted(view, row));
  return { known, epoch, pos, generation, parts: inParts(rows), rowCount: rows.length, next };
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
      const { site, view: name, filter = {} } = view;
      const { status, class: className, place, tag, q } = filter;
      const key = JSON.stringify([site, name, status, className, place, tag, q, cursor, breaks]);
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
