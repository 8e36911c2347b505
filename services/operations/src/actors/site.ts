import { Fault, type Item, ItemCreated, type Position, type Receipt } from "@tagwire/messages";
import { type Act, bodyHashOf, type PlainAct, reuseIdOf, tagOf } from "./act.ts";
import type { Answer } from "./answer.ts";
import { type Changed, nothingChanged, openBook } from "./book.ts";
import { decideCommand, subjectOf } from "./decide-command.ts";
import { decideInSession } from "./decide-in-session.ts";
import type { Decision, Said } from "./decision.ts";
import { decideDismissal, dismissedLater } from "./dismissal.ts";
import { type HeldNames, heldAfter, noNames, refuseRevival } from "./epc-holder.ts";
import { refuseTooLarge } from "./event-size.ts";
import { isUnknownAgain } from "./free-tag.ts";
import { type HeardScan, timingOf } from "./heard-scan.ts";
import { decideImportRow } from "./import-row.ts";
import { decidePatch } from "./item.ts";
import type { Ground, KeptReceipt, Known } from "./known.ts";
import { isRefusedAgain, isResting, repeatsInSession } from "./repeat.ts";
import { refuseAfterClose, refuseReused } from "./scan.ts";
import { isAfterClose } from "./session-close.ts";
import { createSessionNotes } from "./session-notes.ts";
import { asSessionScan } from "./station-scan.ts";
import { createStrays, refuseMalformed, refuseReusedStray, type Stray, type WaitingScan } from "./stray.ts";
import { decideUndo, outcomeOf, outcomeOfParts } from "./undo.ts";

export type { Answer };

export type Later = { readonly id: string; readonly later: NonNullable<Receipt["later"]> };

/** Everything a turn changes and says, ready to be committed as one. */
export type TurnOutcome = Changed & {
  /** One for each act, in order: its answer, or the fault that refuses it as a whole. */
  readonly answers: readonly (Answer | Fault)[];
  readonly said: readonly Said[];
  readonly receipts: ReadonlyMap<string, KeptReceipt>;
  /** Tags without an item whose waiting scans this turn has changed. */
  readonly strays: ReadonlyMap<string, Stray>;
  /** Scans that wait from now on. */
  readonly quarantined: readonly (WaitingScan & { readonly tag: string })[];
  /** Scans that wait as before, with a newer sighting to be decided in the end. */
  readonly renewed: readonly WaitingScan[];
  /** Scans that left quarantine because their tag was commissioned, or they were dismissed. */
  readonly released: readonly Later[];
  /** Names of GS1 that things of this site have from now on, and those that they have no more. */
  readonly names: HeldNames;
};

/** A turn that changes nothing. */
export const emptyOutcome: TurnOutcome = {
  ...nothingChanged,
  answers: [],
  said: [],
  receipts: new Map(),
  strays: new Map(),
  quarantined: [],
  renewed: [],
  released: [],
  names: noNames,
};

const heardIn = ({ scan, origin, evidence, countedBy }: Extract<Act, { kind: "scan" }>): HeardScan => ({
  ...{ scan, origin },
  ...(evidence === undefined ? {} : { evidence }),
  // Sessions ask which device has scanned, and whoever is signed in there is not the device.
  ...(countedBy === undefined || scan.session === undefined ? {} : { countedBy }),
});

type Ids = { readonly epoch: number; readonly pos: number };

/** @throws Fault when there is no ground to decide an act on. */
const groundOf = (known: Known, act: Act): Ground => {
  const ground = known.grounds.get(act.id) ?? {};
  if (ground.fault !== undefined) throw ground.fault;
  return ground;
};

/**
 * Decides a turn of one site: each act in order, each on what the ones before it left.
 *
 * Pure: what is known goes in, what changed comes out; positions follow densely from `head`. Rows change by events alone, folded
 * as every reader of the log folds them.
 */
export const decideTurn = (head: Position, known: Known, acts: readonly Act[]): TurnOutcome => {
  let book = openBook(known);
  const receipts = new Map<string, KeptReceipt>();
  const strays = createStrays(known);
  const released: Later[] = [];
  const said: Said[] = [];

  const nextPos = () => head.pos + said.length + 1;

  const say = (one: Said): Ids => {
    const pos = nextPos();
    book.fold(one, pos);
    said.push(one);
    return { epoch: head.epoch, pos };
  };

  /** Records what was decided; gives the place of what was said first. Whoever is commissioned, what waited for it is decided. */
  const take = ({ said: first, besides = [] }: Decision): Ids | undefined => {
    if (first === undefined) return undefined;
    // All of it before any: what is refused leaves nothing.
    refuseTooLarge([first, ...besides]);
    const event = say(first);
    for (const one of besides) say(one);
    return event;
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

  const notes = createSessionNotes(
    () => book,
    (one) => void say(one),
  );

  /** The item that a tag is on; nobody knows a tag of which it was taken back that it ever was on one. */
  const carried = (tag: string): Item | undefined => {
    const item = book.item(tag);
    return item === undefined || isUnknownAgain(item) ? undefined : item;
  };

  const decideHeard = (heard: HeardScan, tag: string): Decision => {
    const item = carried(tag);
    const { session, ...outside } = heard.scan;
    // What was scanned after the end of a session is none of its tags, whatever becomes of the scan.
    const isTooLate = session !== undefined && isAfterClose(book, session, timingOf(heard).atMs);
    // Its receipt says so, too: the device must not count it among those that it declares.
    if (item === undefined && isTooLate)
      return strays.hold(tag, { ...heard, scan: outside }, ["session_closed"]);
    if (item === undefined) return strays.hold(tag, heard);
    if (isTooLate) return refuseAfterClose(item, { ...heard, scan: outside });
    const decision = decideInSession(book, item, heard);
    const { said: _toldBefore, ...silent } = decision;
    if (isResting(item, heard, decision)) return { ...silent, outcome: "already_applied", item };
    if (session === undefined) return decision;
    if (isRefusedAgain(book, item, heard, decision)) {
      book.countDuplicate(session);
      return silent;
    }
    if (!repeatsInSession(book, item, heard, decision)) return decision;
    book.countDuplicate(session);
    return { outcome: "already_applied", code: "duplicate_in_session", flags: [], item };
  };

  const decideEdit = ({ body, origin }: Extract<Act, { kind: "item.patch" }>, tag: string): Decision => {
    const decision = decidePatch(carried(tag), body, origin, book);
    refuseRevival(book, carried(tag), decision.item);
    return decision;
  };

  const decideOne = (act: PlainAct, tag: string | undefined): Decision => {
    const ground = groundOf(known, act);
    switch (act.kind) {
      case "scan": {
        const given = heardIn(act);
        if (tag === undefined) return refuseMalformed(given);
        const heard = asSessionScan(book, given, tag);
        const decision = decideHeard(heard, tag);
        notes.note(act, tag, decision);
        return decision;
      }
      case "item.patch":
        if (tag === undefined) throw new Fault("tag_malformed", "");
        return decideEdit(act, tag);
      case "import":
        if (tag === undefined) throw new Fault("tag_malformed", "");
        return decideImportRow(book, { ...act.body, tag }, act.origin, act.onlyNew);
      default:
        return decideCommand(book, act, ground);
    }
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
      const item = book.item(tag);
      if (item === undefined) return;
      const { outcome, code, event } = receiptFor(
        heard.scan.id,
        decideInSession(book, item, { ...heard, fromQuarantine: true }),
      );
      const later = {
        outcome,
        ...(code === undefined ? {} : { code }),
        ...(event === undefined ? {} : { event }),
      };
      for (const one of new Set([id, heard.scan.id])) settle(one, later);
    }
  };

  /** Whoever asks again for tags that were made gets the same ones, and of an undo the same list. */
  const madeBefore = (act: Act, { undone }: KeptReceipt): Pick<Answer, "tags" | "undone"> => ({
    ...(act.kind === "tags.provision" ? { tags: known.grounds.get(act.id)?.freeTags ?? [] } : {}),
    ...(undone === undefined ? {} : { undone }),
  });

  /**
   * Another scan under an id that was answered before. It is refused, and leaves what a refused scan leaves; its own receipt is kept
   * under an id made of both, so that however often it is sent, it is in the log once.
   */
  const refuseReuse = (
    act: Extract<Act, { kind: "scan" }>,
    tag: string | undefined,
    bodyHash: string,
  ): Answer => {
    const id = reuseIdOf(act.id, bodyHash);
    const before = receipts.get(id) ?? known.receipts.get(id);
    if (before !== undefined)
      return { receipt: { ...before.receipt, replayed: true }, ...subjectOf(book, act, tag) };
    const heard = heardIn(act);
    const item = tag === undefined ? undefined : carried(tag);
    const decision = item === undefined ? refuseReusedStray(heard, tag) : refuseReused(item, heard);
    const receipt = receiptFor(act.id, decision);
    receipts.set(id, { bodyHash, receipt });
    return { receipt, ...subjectOf(book, act, tag) };
  };

  const repeated = (act: Act, tag: string | undefined, before: KeptReceipt, bodyHash: string): Answer => {
    if (before.bodyHash === bodyHash)
      return {
        receipt: { ...before.receipt, replayed: true },
        ...subjectOf(book, act, tag, known.grounds.get(act.id)),
        ...madeBefore(act, before),
      };
    if (act.kind !== "scan") throw new Fault("id_reused", act.id);
    return refuseReuse(act, tag, bodyHash);
  };

  /** Takes events back; a preview says what would come of it, and leaves nothing, not even a receipt. */
  const undo = (act: Extract<Act, { kind: "events.undo" }>, bodyHash: string): Answer => {
    const ground = groundOf(known, act);
    const { says, undone, after } = decideUndo(book, act.body, act.origin, { ground, nextPos: nextPos() });
    const become = { id: act.id, replayed: false, ...outcomeOf(undone, act.body) };
    if (act.body.preview) return { receipt: become, item: null, undone };
    refuseTooLarge(says);
    const event = says.length === 0 ? undefined : { epoch: head.epoch, pos: nextPos() };
    // What was said to decide it is folded there already: of thousands of scans, nothing is folded twice.
    book = after;
    for (const one of says) said.push(one);
    const receipt: Receipt = { ...become, ...(event === undefined ? {} : { event }) };
    receipts.set(act.id, { bodyHash, receipt, undone });
    return { receipt, item: null, undone };
  };

  /** An undo that was taken back in parts, each in a turn before: what is kept is its answer. */
  const tellUndone = (act: Extract<Act, { kind: "undo.told" }>, bodyHash: string): Answer => {
    const { undone } = act;
    const by = Math.min(...undone.flatMap((one) => one.by ?? []));
    const event = Number.isFinite(by) ? { event: { epoch: head.epoch, pos: by } } : {};
    const receipt: Receipt = { id: act.id, replayed: false, ...outcomeOfParts(undone, act.body), ...event };
    receipts.set(act.id, { bodyHash, receipt, undone });
    return { receipt, item: null, undone };
  };

  /** Takes what waits for a tag off the list; each of its receipts says what became of it. */
  const dismiss = (
    act: Extract<Act, { kind: "quarantine.dismiss" }>,
    tag: string | undefined,
    bodyHash: string,
  ): Answer => {
    const waiting = tag === undefined || carried(tag) !== undefined ? [] : strays.dismiss(tag);
    const receipt = receiptFor(act.id, decideDismissal(tag, waiting, act.body, act.origin));
    receipts.set(act.id, { bodyHash, receipt });
    for (const { id, later } of dismissedLater(waiting, receipt)) settle(id, later);
    return { receipt, item: null, dismissed: waiting.map(({ id }) => id) };
  };

  const answer = (act: Act): Answer => {
    const bodyHash = bodyHashOf(act);
    const tag = tagOf(act);
    const before = receipts.get(act.id) ?? known.receipts.get(act.id);
    if (before !== undefined) return repeated(act, tag, before, bodyHash);
    if (act.kind !== "scan") notes.tellHeard();
    if (act.kind === "events.undo") return undo(act, bodyHash);
    if (act.kind === "undo.told") return tellUndone(act, bodyHash);
    if (act.kind === "quarantine.dismiss") return dismiss(act, tag, bodyHash);
    const firstNew = said.length;
    const decision = decideOne(act, tag);
    const receipt = receiptFor(act.id, decision);
    // A row of an import that changes nothing is no fact: it leaves nothing behind, however often the file is sent.
    if (act.kind !== "import" || decision.said !== undefined) receipts.set(act.id, { bodyHash, receipt });
    const own = said.slice(firstNew);
    const commissioned = own.flatMap((one) => (one.type === ItemCreated.type ? (one.tag ?? []) : []));
    for (const one of commissioned) release(one);
    return {
      receipt,
      ...subjectOf(book, act, tag, known.grounds.get(act.id)),
      ...(commissioned.length > 0 ? { isCommissioned: true as const } : {}),
      ...(act.kind === "tags.provision" ? { tags: own.flatMap((one) => one.tag ?? []) } : {}),
    };
  };

  const answers = acts.map((act) => {
    try {
      return answer(act);
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  });
  notes.tellHeard();
  notes.tellLate();
  return {
    ...book.changed,
    answers,
    said,
    receipts,
    strays: strays.changed,
    quarantined: strays.held(),
    renewed: strays.renewed(),
    released,
    names: heldAfter((tag) => known.items.get(tag), book.changed.items.values()),
  };
};
