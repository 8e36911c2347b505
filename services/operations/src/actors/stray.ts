import { type Flag, faultCatalogue, type ReceiptCode, ScanQuarantined, ScanRefused } from "@tagwire/messages";
import type { Decision } from "./decision.ts";
import { type HeardScan, timingOf } from "./heard-scan.ts";
import { saidBy } from "./scan.ts";

/** Scans that may wait for one tag. Nobody rents and returns a thing without an item that often; a mistake or an attack does. */
export const waitingPerTagMax = 100;

/** A reader's sighting that waits: what the reader hears of the tag at that place meanwhile is put in its place. */
type Witness = { readonly id: string; readonly atMs: number };

/** A tag that no item carries: how many scans wait for it, and which readers' sightings are among them, by {@link witnessOf}. */
export type Stray = { readonly waiting: number; readonly witnesses: ReadonlyMap<string, Witness> };

export const noStray: Stray = { waiting: 0, witnesses: new Map() };

/** A scan that waits: the id it began to wait under, and what is decided when the tag is commissioned. */
export type WaitingScan = { readonly id: string; readonly heard: HeardScan };

export const happenedAtMs = (heard: HeardScan): number => timingOf(heard).atMs;

/**
 * A tag that lies near a reader is heard again and again: one sighting for each reader and place, the newest, is evidence enough. So it is
 * in a session at its station, for each type of scan.
 */
const witnessOf = ({ scan, origin }: HeardScan): string | undefined => {
  if (origin.by.reader === undefined) return undefined;
  const at = [origin.by.reader, scan.place ?? null];
  if (scan.session !== undefined) return JSON.stringify([...at, scan.session, scan.type]);
  return scan.type === "touch" ? JSON.stringify(at) : undefined;
};

/** A tag as it is known from the scans that wait for it. */
export const strayOf = (waiting: number, fromReaders: readonly WaitingScan[]): Stray => ({
  waiting,
  witnesses: new Map(
    fromReaders.flatMap(({ id, heard }) => {
      const witness = witnessOf(heard);
      return witness === undefined ? [] : [[witness, { id, atMs: happenedAtMs(heard) }]];
    }),
  ),
});

/** What the log keeps of a scan that is about no item. */
const bodyOf = ({ scan, evidence }: HeardScan, code: ReceiptCode, flags: readonly Flag[]) => ({
  scan,
  code,
  ...(evidence?.tid === undefined ? {} : { tid: evidence.tid }),
  ...(flags.length === 0 ? {} : { flags: [...flags] }),
});

/** Kept, listed, and decided when the tag is commissioned. */
const quarantined = (tag: string, heard: HeardScan, more: readonly Flag[]): Decision => {
  const timing = timingOf(heard);
  const flags = [...timing.flags, ...more];
  const data = bodyOf(heard, "tag_unknown", flags);
  return {
    outcome: "quarantined",
    code: "tag_unknown",
    flags,
    said: saidBy(heard, tag, timing, { type: ScanQuarantined.type, data }),
  };
};

/** Kept as the newest of its reader and place, without another event: a tag that nobody knows cannot fill the log. */
const suppressed = (
  tag: string,
  heard: HeardScan,
  { witness, more }: { readonly witness: Witness; readonly more: readonly Flag[] },
): Decision => {
  const { said: _toldBefore, ...decision } = quarantined(tag, heard, more);
  return { ...decision, message: `waits with ${witness.id}, of the same reader and place` };
};

/** The log keeps what a person refused here had scanned; a reader, which never tires, leaves only the receipt. */
const refused = (
  heard: HeardScan,
  {
    tag,
    code,
    message,
    more = [],
  }: { tag?: string; code: ReceiptCode; message: string; more?: readonly Flag[] },
): Decision => {
  const timing = timingOf(heard);
  const flags = [...timing.flags, ...more];
  const decision: Decision = { outcome: "rejected", code, message, flags };
  if (heard.origin.by.reader !== undefined) return decision;
  const data = bodyOf(heard, code, flags);
  return { ...decision, said: saidBy(heard, tag, timing, { type: ScanRefused.type, data }) };
};

/** Postgres takes neither NUL nor half a surrogate pair. */
const storable = (written: string): string => written.toWellFormed().replaceAll("\u0000", "\ufffd");

/** A scan of what is no tag: nobody can ever commission it, but what was meant can still be read. */
export const refuseMalformed = (heard: HeardScan): Decision => {
  const written = heard.scan.tag;
  const message = `a tag is 1 to 64 printable characters, this is ${JSON.stringify(written.slice(0, 80))}`;
  const kept: HeardScan = { ...heard, scan: { ...heard.scan, tag: storable(written) } };
  return refused(kept, { code: "tag_malformed", message });
};

/** Another scan under a taken id, of a tag that no item carries or nobody can have: it does not wait, since its id is another's. */
export const refuseReusedStray = (heard: HeardScan, tag: string | undefined): Decision => {
  const { session: _session, ...scan } = heard.scan;
  const code = "id_reused";
  const kept: HeardScan = { ...heard, scan: { ...scan, tag: storable(scan.tag) } };
  return refused(kept, {
    ...{ code, message: faultCatalogue[code].advice },
    ...(tag === undefined ? {} : { tag }),
  });
};

/** What waits, as one turn finds and changes it. */
export type Strays = {
  /** A scan of a tag that no item carries, and what is odd about it besides its clock. */
  readonly hold: (tag: string, heard: HeardScan, more?: readonly Flag[]) => Decision;
  /** Everything that waits for a tag, in the order in which it happened. It waits no longer. */
  readonly release: (tag: string) => readonly WaitingScan[];
  /** The same, where no item comes for them: who asks next finds nothing that waits. */
  readonly dismiss: (tag: string) => readonly WaitingScan[];
  /** Tags that scans of this turn wait for, as they are now. */
  readonly changed: ReadonlyMap<string, Stray>;
  /** Scans that began to wait in this turn. */
  readonly held: () => readonly (WaitingScan & { readonly tag: string })[];
  /** Scans that waited before this turn, and have a newer sighting of their reader and place. */
  readonly renewed: () => readonly WaitingScan[];
};

export const createStrays = (known: {
  readonly strays: ReadonlyMap<string, Stray>;
  readonly waiting: ReadonlyMap<string, readonly WaitingScan[]>;
}): Strays => {
  const changed = new Map<string, Stray>();
  const held = new Map<string, Map<string, HeardScan>>();
  const renewed = new Map<string, HeardScan>();
  /** Tags whose scans from before this turn have been told what becomes of them. */
  const settled = new Set<string>();

  const renew = (tag: string, id: string, heard: HeardScan) => {
    const own = held.get(tag);
    (own?.has(id) === true ? own : renewed).set(id, heard);
  };

  const begin = (tag: string, heard: HeardScan) => {
    const own = held.get(tag) ?? new Map<string, HeardScan>();
    held.set(tag, own.set(heard.scan.id, heard));
  };

  const release: Strays["release"] = (tag) => {
    const waited = settled.has(tag) ? [] : (known.waiting.get(tag) ?? []);
    settled.add(tag);
    const before = waited.map(({ id, heard }) => ({
      id,
      heard: renewed.get(id) ?? heard,
    }));
    for (const { id } of before) renewed.delete(id);
    const own = [...(held.get(tag) ?? [])].map(([id, heard]) => ({ id, heard }));
    held.delete(tag);
    changed.delete(tag);
    return [...before, ...own].toSorted((a, b) => happenedAtMs(a.heard) - happenedAtMs(b.heard));
  };

  return {
    hold: (tag, heard, more = []) => {
      const stray = changed.get(tag) ?? known.strays.get(tag) ?? noStray;
      const witness = witnessOf(heard);
      const before = witness === undefined ? undefined : stray.witnesses.get(witness);
      const isFull = before === undefined && stray.waiting >= waitingPerTagMax;
      if (isFull) {
        const code = "quarantine_full";
        return refused(heard, { tag, code, message: faultCatalogue[code].advice, more });
      }

      const atMs = happenedAtMs(heard);
      if (before !== undefined && atMs < before.atMs)
        return suppressed(tag, heard, { witness: before, more });
      const id = before?.id ?? heard.scan.id;
      changed.set(tag, {
        waiting: stray.waiting + (before === undefined ? 1 : 0),
        witnesses:
          witness === undefined ? stray.witnesses : new Map(stray.witnesses).set(witness, { id, atMs }),
      });
      if (before !== undefined) {
        renew(tag, id, heard);
        return suppressed(tag, heard, { witness: before, more });
      }
      begin(tag, heard);
      return quarantined(tag, heard, more);
    },
    release,
    dismiss: (tag) => {
      const waiting = release(tag);
      changed.set(tag, noStray);
      return waiting;
    },
    changed,
    held: () => [...held].flatMap(([tag, own]) => [...own].map(([id, heard]) => ({ tag, id, heard }))),
    renewed: () => [...renewed].map(([id, heard]) => ({ id, heard })),
  };
};
