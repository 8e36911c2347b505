import { Fault, type Item, type Position, type Receipt } from "@tagwire/messages";
import { type Act, bodyHashOf, mayCommission, tagOf } from "./act.ts";
import type { Decision, Said } from "./decision.ts";
import { decideImportRow } from "./import-row.ts";
import { decideCreate, decidePatch } from "./item.ts";
import type { KeptReceipt, Known } from "./known.ts";
import { decideScan, type HeardScan } from "./scan.ts";
import { createStrays, type Stray, type WaitingScan } from "./stray.ts";

export type Answer = { readonly receipt: Receipt; readonly item: Item | null };

export type Later = { readonly id: string; readonly later: NonNullable<Receipt["later"]> };

/** Everything a turn changes and says, ready to be committed as one. */
export type TurnOutcome = {
  /** One for each act, in order: its answer, or the fault that refuses it as a whole. */
  readonly answers: readonly (Answer | Fault)[];
  readonly said: readonly Said[];
  readonly items: ReadonlyMap<string, Item>;
  readonly receipts: ReadonlyMap<string, KeptReceipt>;
  /** Tags without an item whose waiting scans this turn has changed. */
  readonly strays: ReadonlyMap<string, Stray>;
  /** Scans that wait from now on. */
  readonly quarantined: readonly (WaitingScan & { readonly tag: string })[];
  /** Scans that wait as before, with a newer sighting to be decided in the end. */
  readonly renewed: readonly WaitingScan[];
  /** Scans that left quarantine because their tag was commissioned. */
  readonly released: readonly Later[];
};

/** A turn that changes nothing. */
export const emptyOutcome: TurnOutcome = {
  answers: [],
  said: [],
  items: new Map(),
  receipts: new Map(),
  strays: new Map(),
  quarantined: [],
  renewed: [],
  released: [],
};

/**
 * Decides a turn of one site: each act in order, each on what the ones before it left.
 *
 * Pure: what is known goes in, what changed comes out; positions follow densely from `head`.
 */
export const decideTurn = (head: Position, known: Known, acts: readonly Act[]): TurnOutcome => {
  const items = new Map<string, Item>();
  const receipts = new Map<string, KeptReceipt>();
  const strays = createStrays(known);
  const released: Later[] = [];
  const said: Said[] = [];

  const itemOf = (tag: string): Item | undefined => items.get(tag) ?? known.items.get(tag);
  const nextPos = () => head.pos + said.length + 1;

  /** Records what was decided: the event gets its position, the item its row. */
  const take = (decision: Decision): { epoch: number; pos: number } | undefined => {
    if (decision.said === undefined) return undefined;
    const pos = nextPos();
    const before = decision.item === undefined ? undefined : itemOf(decision.item.tag);
    if (decision.item !== undefined && decision.item.version !== before?.version) {
      items.set(decision.item.tag, { ...decision.item, pos });
    }
    said.push(decision.said);
    return { epoch: head.epoch, pos };
  };

  const receiptFor = (id: string, decision: Decision): Receipt => {
    const event = take(decision);
    const { outcome, code, message, flags, item } = decision;
    return {
      id,
      outcome,
      replayed: false,
      ...(code === undefined ? {} : { code }),
      ...(message === undefined ? {} : { message }),
      ...(flags.length === 0 ? {} : { flags: [...flags] }),
      ...(event === undefined ? {} : { event }),
      ...(item === undefined ? {} : { item: { tag: item.tag, status: item.status, version: item.version } }),
    };
  };

  const decideOne = (act: Act, tag: string): Decision => {
    const item = itemOf(tag);
    if (act.kind === "create") return decideCreate(item, act.body, act.origin);
    if (act.kind === "patch") return decidePatch(item, act.body, act.origin);
    if (act.kind === "import") return decideImportRow(item, act.body, act.origin);
    const heard: HeardScan = {
      scan: act.scan,
      origin: act.origin,
      ...(act.evidence === undefined ? {} : { evidence: act.evidence }),
    };
    return item === undefined ? strays.hold(tag, heard) : decideScan(item, heard);
  };

  /** A receipt of this same turn takes its sequel at once; an earlier one is completed in the store. */
  const settle = (id: string, later: Later["later"]) => {
    const kept = receipts.get(id);
    if (kept === undefined) {
      released.push({ id, later });
      return;
    }
    receipts.set(id, { ...kept, receipt: { ...kept.receipt, later } });
  };

  /**
   * The scans that waited for a tag are decided now, in the order in which they happened. Where a newer sighting took the place
   * of the one that began to wait, both receipts tell what became of it.
   */
  const release = (tag: string) => {
    for (const { id, heard } of strays.release(tag)) {
      const item = itemOf(tag);
      if (item === undefined) return;
      const { outcome, code, event } = receiptFor(
        heard.scan.id,
        decideScan(item, { ...heard, fromQuarantine: true }),
      );
      const later = {
        outcome,
        ...(code === undefined ? {} : { code }),
        ...(event === undefined ? {} : { event }),
      };
      for (const one of new Set([id, heard.scan.id])) settle(one, later);
    }
  };

  const malformed = (act: Act): Decision => {
    if (act.kind !== "scan") throw new Fault("tag_malformed", "");
    const message = `a tag is 1 to 64 printable characters, this is ${JSON.stringify(act.scan.tag.slice(0, 80))}`;
    return { outcome: "rejected", code: "tag_malformed", message, flags: [] };
  };

  const answer = (act: Act): Answer => {
    const bodyHash = bodyHashOf(act);
    const tag = tagOf(act);
    const before = receipts.get(act.id) ?? known.receipts.get(act.id);
    if (before !== undefined) {
      const item = tag === undefined ? null : (itemOf(tag) ?? null);
      if (before.bodyHash === bodyHash) return { receipt: { ...before.receipt, replayed: true }, item };
      if (act.kind !== "scan") throw new Fault("id_reused", act.id);
      return { receipt: { id: act.id, outcome: "rejected", code: "id_reused", replayed: false }, item: null };
    }
    const decision = tag === undefined ? malformed(act) : decideOne(act, tag);
    const receipt = receiptFor(act.id, decision);
    // A row of an import that changes nothing is no fact: it leaves nothing behind, however often the file is sent.
    if (act.kind !== "import" || decision.said !== undefined) receipts.set(act.id, { bodyHash, receipt });
    if (mayCommission(act) && tag !== undefined) release(tag);
    return { receipt, item: tag === undefined ? null : (itemOf(tag) ?? null) };
  };

  const answers = acts.map((act) => {
    try {
      return answer(act);
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  });
  return {
    answers,
    said,
    items,
    receipts,
    strays: strays.changed,
    quarantined: strays.held(),
    renewed: strays.renewed(),
    released,
  };
};
