import { ask, type Bus } from "@tagwire/bus";
import { AskReaders, AskSnapshot, Fault, type ItemFilter, type LiveView } from "@tagwire/messages";
import type { Static } from "typebox";
import { statusesOf } from "./filter.ts";

/** More pages than this is not a view but a mistake. */
const pagesMax = 2_000;
/** Snapshots read at once; the others wait for their turn. */
const loadsMax = 6;

/** A whole view as of one position: the rows of each part as JSON text, shared by all who asked for the same. */
export type Snapshot = {
  readonly known: boolean;
  readonly epoch: number;
  readonly pos: number;
  readonly parts: readonly string[];
};

export type View = {
  readonly site: string;
  readonly view: LiveView;
  readonly filter: ItemFilter | undefined;
};

export type Snapshots = {
  /** @throws Fault as the owner of the view said it. */
  readonly load: (view: View) => Promise<Snapshot>;
};

const filterOf = ({ filter = {} }: View) => {
  const { status, ...rest } = filter;
  return { ...rest, ...(status === undefined ? {} : { status: statusesOf(status) }) };
};

const readReaders = async (bus: Bus, { site }: View): Promise<Snapshot> => {
  const { epoch, pos, readers } = await ask(bus, AskReaders, { site });
  const rows = readers.map((reader) => ({ ...reader, key: reader.id }));
  return { known: true, epoch, pos, parts: [JSON.stringify(rows)] };
};

// The manager shows the newest events of a site; those of one tag are picked here.
const isWanted = ({ view, filter }: View, row: Readonly<Record<string, unknown>>): boolean =>
  view !== "events" || filter?.tag === undefined || row.tag === filter.tag;

const readPages = async (bus: Bus, view: View): Promise<Snapshot> => {
  if (view.view === "readers") return readReaders(bus, view);
  const parts: string[] = [];
  let first: { known: boolean; epoch: number; pos: number } | undefined;
  let cursor: string | null = null;
  do {
    const page: Static<(typeof AskSnapshot)["answer"]> = await ask(bus, AskSnapshot, {
      site: view.site,
      view: view.view,
      cursor,
      ...filterOf(view),
    });
    first ??= page;
    // Pages of two histories do not belong together.
    if (page.epoch !== first.epoch) throw new Fault("unavailable", "the history changed while it was read");
    parts.push(JSON.stringify(page.rows.filter((row) => isWanted(view, row))));
    cursor = page.next;
  } while (cursor !== null && parts.length < pagesMax);
  return { known: first.known, epoch: first.epoch, pos: first.pos, parts };
};

/** Reads snapshots, each only once for all who ask for the same one meanwhile. */
export const openSnapshots = (bus: Bus): Snapshots => {
  const loading = new Map<string, Promise<Snapshot>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  const inTurn = async (view: View): Promise<Snapshot> => {
    if (running >= loadsMax) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await readPages(bus, view);
    } finally {
      const next = waiting.shift();
      // The turn is handed on, so the count stays.
      if (next === undefined) running -= 1;
      else next();
    }
  };

  return {
    load: (view) => {
      const { site, view: name, filter = {} } = view;
      const { status, class: className, place, tag, q } = filter;
      const key = JSON.stringify([site, name, status, className, place, tag, q]);
      const known = loading.get(key);
      if (known !== undefined) return known;
      const load = inTurn(view).finally(() => loading.delete(key));
      loading.set(key, load);
      return load;
    },
  };
};
