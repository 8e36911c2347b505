import { createHash } from "node:crypto";
import type { Condition } from "@tagwire/messages";
import { afterReturn } from "./actors/test-model.ts";

/*
 * The reference model of contracts, sessions, lots, tags and undo: what the public surface promises of them, written by hand apart
 * from the code it judges. It shares no line with it, forgets nothing and looks at everything again, slow and plain on purpose.
 */

type Rule = "rental" | "stage" | "delivery" | "return" | "service" | "touch";

export type RecordsScan = {
  readonly id: string;
  readonly tag: string;
  readonly type: Rule | "pickup" | "count";
  /** When it was made, as far as its clock is believed. */
  readonly atMs: number;
  readonly contract?: string;
  readonly session?: string;
  readonly status?: string;
  readonly place?: string;
  readonly quality?: string;
  readonly condition?: Condition;
  /** What its clock alone says of it; nothing where that is as clocks are. */
  readonly clock?: "future_scan" | "backdated";
};

type Expectation = { readonly outcome: string; readonly code?: string } | { readonly fault: string };
/** `outAtMs` is there once the item has been out. */
type Standing = {
  readonly state: string;
  readonly outAtMs: number | undefined;
  readonly since: number;
  /** The class that it went there as, whatever is known of it since. */
  readonly class: string;
};
/**
 * What an act did to an item. `isDated` when it says as of when the item is what it is: what comes late or only renumbers does not. `of` is
 * there when it only took another one back.
 */
export type Deed = {
  readonly since: number;
  readonly tag: string;
  readonly isFact: boolean;
  readonly isDated: boolean;
  /** The contract that the item was on before it. */
  readonly onto: string | null;
  readonly after: Kept;
  readonly stands: ReadonlyMap<string, Standing | undefined>;
  readonly of?: Deed;
  /** What was taken for the end of a time out that this one told of too late. */
  readonly rests?: readonly Step[];
};
/** A step that a thing took by time: out on a contract, back, or said to be here otherwise. `by` and `of` are what told it. */
type Step = {
  readonly atMs: number;
  readonly what: "out" | "back" | "here";
  readonly number: string | undefined;
  readonly of: string | undefined;
  readonly by: Deed | undefined;
};
/** Steps in the order of time, with the number that each contract has now. */
type Way = readonly { readonly step: Step; readonly number: string | undefined }[];
type Kept = { readonly status: string; readonly contract: string | null; readonly factAtMs: number };
type ModelItem = { -readonly [K in keyof Kept]: Kept[K] } & {
  class: string;
  first: Kept;
  deeds: Deed[];
  /** What was said of where it is and of what grade, the first word first: the last one that counts holds. */
  readonly marks: Mark[];
  /** In the order in which they were told. */
  readonly steps: Step[];
  notes: { readonly name?: string; readonly text?: string } | undefined;
  replacedBy: string | undefined;
};
/** `of` is the scan that said it, which its session may take back, and `by` what that scan did. */
type Mark = {
  readonly of: string | undefined;
  readonly by?: Deed | undefined;
  readonly place?: Stated | undefined;
  readonly quality?: Stated | undefined;
  readonly seen?: Stated | undefined;
};
type Stated = { readonly value: string; readonly atMs: number };
type Line = { readonly class: string; readonly quantity: number };
/** Something that was done once, and may be taken back. */
type Done = { readonly since: number; isOff: boolean };
export type DoneAct = Done & { readonly number: string; readonly was: string; readonly to: string };
export type DoneLot = Done & { readonly number: string; readonly name: string; readonly change: number };
export type DoneBegin = Done & { readonly session: string };
export type DoneClose = Done & {
  readonly session: string;
  readonly closedAtMs: number;
  readonly declared: string | undefined;
};
export type DoneMerge = Done & {
  readonly from: string;
  readonly to: string;
  readonly wasState: string;
  readonly members: ReadonlyMap<string, Standing>;
  readonly own: ReadonlyMap<string, Standing>;
  readonly lots: ReadonlyMap<string, { readonly added: number; readonly removed: number }>;
  readonly ownLots: ReadonlySet<string>;
  readonly ownLines: readonly Line[];
  readonly deeds: readonly Deed[];
};
type ModelContract = {
  kind: string;
  state: string;
  /** When it came to be closed, open again or finalized. */
  stateAtMs: number;
  lines: readonly Line[];
  dueAt: string | null;
  isStated: boolean;
  into: string | undefined;
  readonly members: Map<string, Standing>;
  readonly lots: Map<string, { added: number; removed: number }>;
};
type Seen = {
  isExpected: boolean;
  outcome: "seen" | "rejected" | "unknown" | undefined;
  type: string;
  /** It stands for none of the quantities that are expected. */
  isBeside: boolean;
};
/** A scan that its session heard: as long as it is not taken back, itself or with what it did. */
export type Heard = Done & {
  readonly scan: string;
  readonly session: string;
  readonly tag: string;
  readonly outcome: "seen" | "rejected" | "unknown";
  readonly type: string;
  readonly isBeside: boolean;
  readonly deed: Deed | undefined;
};
type ModelSession = {
  mode: string | undefined;
  contract: string | undefined;
  state: "unbegun" | "open" | "closed";
  closedAtMs: number;
  declared: string | undefined;
  byClass: Map<string, number> | undefined;
  duplicates: number;
  readonly expected: Set<string>;
  readonly heard: Heard[];
  /** The same by tag: what one tag is in a session has nothing to do with the others. */
  readonly heardOf: Map<string, Heard[]>;
  /** Tags that had been scanned when its beginning was heard, and are none of what it expects. */
  beside: { readonly since: number; readonly tags: ReadonlySet<string> } | undefined;
};

/** By status: what each scan does. `move`, `same` unless on the same contract already, `sight`, `already`, `refused`. */
const atHand: Readonly<Record<Rule, string>> = {
  rental: "move on_rent",
  stage: "move staged",
  delivery: "move delivered",
  return: "already",
  service: "move",
  touch: "sight",
};
const inService: Readonly<Record<Rule, string>> = {
  rental: "refused",
  stage: "refused",
  delivery: "refused",
  return: "already",
  service: "service",
  touch: "sight",
};
const ended: Readonly<Record<Rule, string>> = {
  rental: "refused",
  stage: "refused",
  delivery: "refused",
  return: "refused",
  service: "refused",
  touch: "sight",
};
const rules: Readonly<Record<string, Readonly<Record<Rule, string>>>> = {
  ...{ provisioned: atHand, inspect: inService, repair: inService, wet: inService, sold: ended },
  ready: atHand,
  staged: {
    rental: "move on_rent",
    stage: "same staged",
    delivery: "move delivered",
    return: "move ready",
    service: "move",
    touch: "sight",
  },
  on_rent: {
    rental: "same on_rent",
    stage: "refused",
    delivery: "move delivered",
    return: "move by condition",
    service: "move",
    touch: "sight",
  },
  delivered: {
    rental: "same on_rent",
    stage: "refused",
    delivery: "already",
    return: "move by condition",
    service: "move",
    touch: "sight",
  },
  wash: inService,
  missing: {
    rental: "move on_rent",
    stage: "move staged",
    delivery: "move delivered",
    return: "move ready",
    service: "move",
    touch: "move ready",
  },
  retired: ended,
};
const goesOut = ["checkout", "laundry"];
const takesContract = ["rental", "stage", "delivery"];
const isBack = (type: string): boolean => type === "return" || type === "pickup";
const ruleOf = (type: RecordsScan["type"]): Rule =>
  type === "pickup" ? "return" : type === "count" ? "touch" : type;
const isChangeOf = (was: Kept, now: Kept): boolean =>
  was.status !== now.status || was.contract !== now.contract;
const keptOf = ({ status, contract, factAtMs }: Kept): Kept => ({ status, contract, factAtMs });

export class RecordsModel {
  readonly items = new Map<string, ModelItem>();
  readonly contracts = new Map<string, ModelContract>();
  readonly sessions = new Map<string, ModelSession>();
  readonly waiting = new Map<string, RecordsScan[]>();
  private now = 0;

  number(written: string): string {
    const into = this.contracts.get(written)?.into;
    return into === undefined ? written : this.number(into);
  }
  private contractOf(written: string): ModelContract {
    const number = this.number(written);
    const found = this.contracts.get(number) ?? {
      kind: number.startsWith("M-") ? "manual" : number.startsWith("L") ? "laundry" : "rental",
      ...{
        state: "open",
        stateAtMs: 0,
        lines: [],
        dueAt: null,
        isStated: false,
        into: undefined,
        members: new Map(),
        lots: new Map(),
      },
    };
    this.contracts.set(number, found);
    return found;
  }
  private sessionOf(id: string): ModelSession {
    const found = this.sessions.get(id) ?? {
      ...{ state: "unbegun" as const, closedAtMs: 0, declared: undefined, byClass: undefined, duplicates: 0 },
      ...{ mode: undefined, contract: undefined, beside: undefined },
      ...{ expected: new Set<string>(), heard: [] as Heard[], heardOf: new Map<string, Heard[]>() },
    };
    this.sessions.set(id, found);
    return found;
  }
  /** Whether a scan counts in its session; with one that waited for its tag, what was heard of the unknown tag goes too. */
  private counts(heard: Heard, { heardOf }: ModelSession): boolean {
    const item = this.items.get(heard.tag);
    const isGone = (one: Heard) =>
      one.isOff || (one.deed !== undefined && item !== undefined && isOff(item, one.deed));
    if (heard.outcome !== "unknown") return !isGone(heard);
    const all = heardOf.get(heard.tag) ?? [];
    return !all.some((one) => one.scan === heard.scan && one.outcome !== "unknown" && isGone(one));
  }
  /** The tags of a session by all that counts there now. */
  private tagsIn(session: ModelSession): Map<string, Seen> {
    const names = new Set([...session.expected, ...session.heardOf.keys()]);
    return new Map(
      [...names].flatMap((tag) => {
        const seen = this.tagIn(session, tag);
        return seen === undefined ? [] : [[tag, seen] as const];
      }),
    );
  }
  private tagIn(session: ModelSession, tag: string): Seen | undefined {
    const none = { outcome: undefined, type: "", isBeside: false };
    const { beside } = session;
    const all = session.heardOf.get(tag) ?? [];
    let seen: Seen | undefined = session.expected.has(tag) ? { ...none, isExpected: true } : undefined;
    const early = beside === undefined ? [] : all.filter(({ since }) => since < beside.since);
    const hear = (one: Heard) => {
      if (!this.counts(one, session)) return;
      const now: Seen = seen ?? { ...none, isExpected: false };
      seen = now;
      now.outcome = now.outcome === "seen" ? "seen" : one.outcome;
      now.type = one.type;
      if (one.outcome !== "rejected") now.isBeside = one.isBeside;
    };
    for (const one of early) hear(one);
    if (seen !== undefined && beside?.tags.has(tag) === true) seen.isBeside = true;
    for (const one of all.slice(early.length)) hear(one);
    return seen;
  }

  /** Sets where an item stands, and gives what it stands as. What was out before and is only taken off its shelf came back. */
  private stand(
    written: string,
    tag: string,
    { state, atMs }: { readonly state: string | undefined; readonly atMs: number },
  ): Standing | undefined {
    const { members } = this.contractOf(written);
    const before = members.get(tag);
    const wasOut = before?.state === "staged" && before.outAtMs !== undefined;
    const to = state === undefined && wasOut ? "returned" : state;
    if (to === undefined) {
      members.delete(tag);
      return undefined;
    }
    const outAtMs = before?.outAtMs ?? (to === "staged" ? undefined : atMs);
    const isOver = to === "returned" || to === "not_recorded";
    const wentAs = isOver ? before?.class : undefined;
    const after = { state: to, outAtMs, since: this.now, class: wentAs ?? this.items.get(tag)?.class ?? "" };
    members.set(tag, after);
    return after;
  }

  /** An item becomes something else, with what that means for the contracts it leaves and enters. */
  private become(
    tag: string,
    item: ModelItem,
    to: Kept,
    { isReturn, atMs }: { isReturn: boolean; atMs: number },
  ) {
    const before = keptOf(item);
    const stands = new Map<string, Standing | undefined>();
    const from = before.contract;
    if (from !== null && from !== to.contract) {
      const state = before.status === "staged" ? undefined : isReturn ? "returned" : "not_recorded";
      stands.set(from, this.stand(from, tag, { state, atMs }));
    }
    const standing = (status: string) => (status === "staged" ? "staged" : "out");
    if (to.contract !== null && (from !== to.contract || standing(before.status) !== standing(to.status)))
      stands.set(to.contract, this.stand(to.contract, tag, { state: standing(to.status), atMs }));
    Object.assign(item, to);
    const isFact = before.status !== to.status || before.contract !== to.contract;
    item.deeds.push({
      since: this.now,
      tag,
      isFact,
      isDated: true,
      onto: before.contract,
      after: to,
      stands,
    });
  }

  create(
    tag: string,
    name: string,
    about: { status?: string; place?: string; quality?: string; atMs?: number; title?: string } = {},
  ): Expectation {
    this.now += 1;
    if (this.items.has(tag)) return { fault: "item_exists" };
    const { status = "ready", place, quality, atMs = 0, title } = about;
    const made = { status, contract: null, factAtMs: -1 };
    const stated = (value: string | undefined) => (value === undefined ? undefined : { value, atMs });
    const marks = [{ of: undefined, place: stated(place), quality: stated(quality) }];
    const notes = title === undefined ? undefined : { name: title };
    this.items.set(tag, {
      ...made,
      class: name,
      first: made,
      deeds: [],
      marks,
      steps: [],
      notes,
      replacedBy: undefined,
    });
    const waited = (this.waiting.get(tag) ?? []).toSorted((a, b) => a.atMs - b.atMs);
    this.waiting.delete(tag);
    for (const scan of waited) {
      this.now += 1;
      this.decide(scan);
    }
    return { outcome: "accepted" };
  }

  /** Tags for things to come. */
  provision(tags: readonly string[], name: string): Expectation {
    for (const tag of tags) this.create(tag, name, { status: "provisioned" });
    return { outcome: "accepted" };
  }

  /** Scans of a tag that is none of the house's are never decided. */
  dismiss(tag: string): Expectation {
    this.now += 1;
    if (this.items.has(tag) || !this.waiting.has(tag)) return { outcome: "already_applied" };
    this.waiting.delete(tag);
    return { outcome: "accepted" };
  }

  /** A row of a file: what is out stays out, whatever a file says. */
  importRow(
    tag: string,
    row: { class: string; name?: string; status?: string; place?: string; quality?: string },
    atMs: number,
  ): Expectation {
    const item = this.items.get(tag);
    if (item === undefined) {
      const { name: title, ...rest } = row;
      return this.create(tag, row.class, { ...rest, atMs, ...(title === undefined ? {} : { title }) });
    }
    this.now += 1;
    const { place, quality, status } = row;
    const isNew = (value: string | undefined, known: string | undefined) =>
      value !== undefined && value !== known;
    const isPlaced = isNew(place, this.said(item, "place")?.value);
    const isGraded = isNew(quality, this.said(item, "quality")?.value);
    const isMoved = isNew(status, item.status);
    const isNamed = isNew(row.name, item.notes?.name) || row.class !== item.class;
    if (!isPlaced && !isGraded && !isMoved && !isNamed) return { outcome: "already_applied" };
    if (
      isMoved &&
      (item.replacedBy !== undefined || ["staged", "on_rent", "delivered"].includes(item.status))
    )
      return { fault: "transition_refused" };
    const stated = (isIt: boolean, value: string | undefined, key: "place" | "quality") =>
      isIt && value !== undefined
        ? { value, atMs: Math.max(atMs, this.said(item, key)?.atMs ?? atMs) }
        : undefined;
    item.marks.push({
      of: undefined,
      place: stated(isPlaced, place, "place"),
      quality: stated(isGraded, quality, "quality"),
    });
    if (row.name !== undefined) item.notes = { ...item.notes, name: row.name };
    item.class = row.class;
    if (isMoved && status !== undefined) {
      const to = { status, contract: null, factAtMs: Math.max(atMs, item.factAtMs) };
      this.become(tag, item, to, { isReturn: false, atMs });
      item.steps.push({ atMs, what: "here", number: undefined, of: undefined, by: item.deeds.at(-1) });
    }
    return { outcome: "accepted" };
  }

  /** The last word on something that counts: not that of a scan which was taken back. */
  private said<K extends "place" | "quality" | "seen">(item: ModelItem, key: K): Mark[K] {
    return item.marks.findLast((mark) => mark[key] !== undefined && !this.isTakenBack(item, mark))?.[key];
  }
  private isTakenBack(item: ModelItem, { of, by }: Mark): boolean {
    if (by !== undefined && isOff(item, by)) return true;
    const heard = of === undefined ? undefined : this.heardAs.get(of);
    return heard !== undefined && (heard.isOff || (heard.deed !== undefined && isOff(item, heard.deed)));
  }
  private readonly heardAs = new Map<string, Heard>();

  /** Where a thing is and when it was seen move forward in time only; and its grade, where the scan may say it. Says whether a word is new. */
  private mark(
    item: ModelItem,
    scan: RecordsScan,
    { isGrading, did }: { readonly isGrading: boolean; readonly did: Deed | undefined },
  ): boolean {
    const { atMs, id, type } = scan;
    const never = Number.NEGATIVE_INFINITY;
    const [place, quality, seen] = [
      this.said(item, "place"),
      this.said(item, "quality"),
      this.said(item, "seen"),
    ];
    const isPlaced = scan.place !== undefined && atMs >= (place?.atMs ?? never);
    const isGraded = isGrading && scan.quality !== undefined && atMs >= (quality?.atMs ?? never);
    item.marks.push({
      ...{ of: id, by: did },
      place: isPlaced && scan.place !== undefined ? { value: scan.place, atMs } : undefined,
      quality: isGraded && scan.quality !== undefined ? { value: scan.quality, atMs } : undefined,
      seen: atMs >= (seen?.atMs ?? never) ? { value: type, atMs } : undefined,
    });
    return (isPlaced && scan.place !== place?.value) || (isGraded && scan.quality !== quality?.value);
  }

  patch(tag: string, status: string, atMs: number): Expectation {
    this.now += 1;
    const item = this.items.get(tag);
    if (item === undefined) return { fault: "tag_unknown" };
    if (item.status === status) return { outcome: "already_applied" };
    if (item.replacedBy !== undefined) return { outcome: "rejected", code: "transition_refused" };
    const to = { status, contract: null, factAtMs: Math.max(atMs, item.factAtMs) };
    this.become(tag, item, to, { isReturn: false, atMs });
    item.steps.push({ atMs, what: "here", number: undefined, of: undefined, by: item.deeds.at(-1) });
    return { outcome: "accepted" };
  }

  /** What is written about a thing is nobody else's business. */
  note(tag: string, text: string): Expectation {
    this.now += 1;
    const item = this.items.get(tag);
    if (item === undefined) return { fault: "tag_unknown" };
    if (item.notes?.text === text) return { outcome: "already_applied" };
    item.notes = { ...item.notes, text };
    return { outcome: "accepted" };
  }

  retag(tag: string, to: string, atMs: number): Expectation {
    this.now += 1;
    const item = this.items.get(tag);
    if (item === undefined) return { fault: "tag_unknown" };
    if (item.replacedBy === to) return { outcome: "already_applied" };
    if (this.items.has(to)) return { fault: "item_exists" };
    if (item.status === "retired" || item.status === "sold") return { fault: "transition_refused" };
    const now = keptOf(item);
    const marks = [
      { of: undefined, place: this.said(item, "place"), quality: this.said(item, "quality") },
      { of: undefined, seen: this.said(item, "seen") },
    ];
    const { notes } = item;
    const successor: ModelItem = {
      ...{ ...now, class: item.class, first: now, deeds: [], marks, steps: [], notes, replacedBy: undefined },
    };
    item.replacedBy = to;
    this.items.set(to, successor);
    const stands = new Map<string, Standing | undefined>();
    if (now.contract !== null) {
      const { members } = this.contractOf(now.contract);
      const outAtMs = members.get(tag)?.outAtMs;
      // Of the old tag nothing stays there: the thing is on the contract once.
      members.delete(tag);
      stands.set(now.contract, undefined);
      const isStaged = now.status === "staged";
      if (isStaged && outAtMs !== undefined) this.stand(now.contract, to, { state: "out", atMs: outAtMs });
      const own = this.stand(now.contract, to, {
        state: isStaged ? "staged" : "out",
        atMs: isStaged ? atMs : (outAtMs ?? atMs),
      });
      const first = { since: this.now, tag: to, isFact: true, isDated: true, onto: null, after: now };
      successor.deeds.push({ ...first, stands: new Map([[now.contract, own]]) });
    }
    const onto = item.contract;
    Object.assign(item, { status: "retired", contract: null, factAtMs: Math.max(atMs, item.factAtMs) });
    const after = keptOf(item);
    item.deeds.push({
      since: this.now,
      tag,
      isFact: true,
      isDated: true,
      onto,
      after,
      stands,
    });
    return { outcome: "accepted" };
  }

  scan(scan: RecordsScan): Expectation {
    this.now += 1;
    const session = scan.session === undefined ? undefined : this.sessions.get(scan.session);
    const isAfter = session?.state === "closed" && scan.atMs > session.closedAtMs;
    const { session: id, ...outside } = scan;
    const heard = isAfter ? outside : scan;
    if (!this.items.has(scan.tag)) {
      this.waiting.set(scan.tag, [...(this.waiting.get(scan.tag) ?? []), heard]);
      if (!isAfter && id !== undefined) this.hear(scan, id, { outcome: "unknown", isBeside: false });
      return { outcome: "quarantined", code: "tag_unknown" };
    }
    return isAfter ? { outcome: "rejected", code: "session_closed" } : this.decide(scan, true);
  }

  private hear(
    { id, tag, type }: RecordsScan,
    session: string,
    more: Pick<Heard, "outcome" | "isBeside"> & { readonly deed?: Deed | undefined },
  ) {
    const own = { scan: id, session, tag, type, since: this.now, isOff: false };
    const one = { ...own, deed: undefined, ...more };
    const { heard, heardOf } = this.sessionOf(session);
    heard.push(one);
    if (more.outcome !== "unknown") this.heardAs.set(id, one);
    heardOf.set(tag, [...(heardOf.get(tag) ?? []), one]);
  }

  private decide(scan: RecordsScan, mayRepeat = false): { outcome: string; code?: string } {
    const { tag, type, session } = scan;
    const item = this.items.get(tag) as ModelItem;
    const was = keptOf(item);
    const deeds = item.deeds.length;
    const whole = session === undefined ? undefined : this.sessionOf(session);
    const about = whole?.contract === undefined ? undefined : this.number(whole.contract);
    const isTaking = takesContract.includes(type);
    const written = scan.contract ?? (goesOut.includes(whole?.mode ?? "") && isTaking ? about : undefined);
    const named = written === undefined ? undefined : this.number(written);
    const before = session === undefined ? undefined : this.tagIn(this.sessionOf(session), tag);
    const hasCounted = before?.outcome === "seen" && !before.isBeside;
    const saysMore = this.saysMore(scan, item);
    const marks = item.marks.length;
    const judged = this.judge(scan, item, named);
    const isLate = judged.code === "late_history_only";
    const isSettled = item.deeds.slice(deeds).some(({ stands }) => stands.size > 0);
    const isGrading = isChangeOf(was, item) || judged.isMove || saysMore || isSettled;
    const did = item.deeds[deeds];
    const isMarked = judged.outcome !== "rejected" && !isLate && this.mark(item, scan, { isGrading, did });
    const newStands = item.deeds.slice(deeds).flatMap(({ stands }) => [...stands.keys()]);
    const of = newStands.at(isTaking ? -1 : 0) ?? (named === undefined ? undefined : named);
    const odd = judged.outcome === "rejected" ? undefined : this.oddIn(whole, { type, judged, of, about });
    const { outcome, code } = judged;
    const first = code ?? odd;
    const result: { outcome: string; code?: string } = {
      outcome,
      ...(first === undefined ? {} : { code: first }),
    };
    const isChange =
      was.status !== item.status ||
      was.contract !== item.contract ||
      item.deeds.slice(deeds).some(({ stands }) => stands.size > 0) ||
      isMarked ||
      saysMore;
    const saysOther = was.contract !== null && named !== undefined && named !== was.contract;
    const taken = this.stepOf(scan, { named, was, outcome, did });
    if (session === undefined) {
      if (taken !== undefined) item.steps.push(taken);
      return result;
    }
    const isSameAgain =
      before?.outcome === "seen" && before.type === type && result.outcome !== "rejected" && !isChange;
    if (mayRepeat && isSameAgain && !saysOther) {
      // Silent: not even a newer instant is kept.
      item.factAtMs = was.factAtMs;
      item.deeds.length = deeds;
      item.marks.length = marks;
      this.sessionOf(session).duplicates += 1;
      return { outcome: "already_applied", code: "duplicate_in_session" };
    }
    if (taken !== undefined) item.steps.push(taken);
    const isOn = isTaking
      ? of === about && (result.outcome === "accepted" || type === "stage" || hasCounted)
      : hasCounted && item.contract === about;
    const isTaken = result.outcome !== "rejected";
    this.hear(scan, session, {
      outcome: isTaken ? "seen" : "rejected",
      isBeside: isTaken && whole?.byClass !== undefined && !isOn,
      deed: did,
    });
    return result;
  }

  /** What a scan says of the way that a thing went; nothing where it was refused, or is of none. */
  private stepOf(
    { id, type, atMs }: RecordsScan,
    told: { named: string | undefined; was: Kept; outcome: string; did: Deed | undefined },
  ): Step | undefined {
    const step = { atMs, of: id, by: told.did };
    if (told.outcome === "rejected") return undefined;
    if (isBack(type)) return { ...step, what: "back", number: told.named };
    if (type === "service") return { ...step, what: "here", number: undefined };
    // What had arrived already did so where it is, whatever else was said of that.
    const number = told.outcome === "already_applied" ? (told.was.contract ?? told.named) : told.named;
    const isGoing = (type === "rental" || type === "delivery") && number !== undefined;
    return isGoing ? { ...step, what: "out", number } : undefined;
  }

  /** What is odd about a scan in the session it was made in. */
  private oddIn(
    session: ModelSession | undefined,
    told: { type: string; judged: { outcome: string }; of: string | undefined; about: string | undefined },
  ): string | undefined {
    const types = {
      checkout: takesContract,
      return: ["return", "pickup", "service"],
      count: ["touch", "count"],
      service: ["service", "touch"],
      laundry: [...takesContract, "return", "pickup", "service", "touch", "count"],
    }[session?.mode ?? ""];
    if (types === undefined) return undefined;
    if (!types.includes(told.type)) return "type_not_of_session";
    const isOther = told.about !== undefined && told.of !== undefined && told.of !== told.about;
    return session?.mode !== "count" &&
      session?.mode !== "service" &&
      told.judged.outcome === "accepted" &&
      isOther
      ? "contract_not_of_session"
      : undefined;
  }

  private saysMore({ condition, quality }: RecordsScan, item: ModelItem): boolean {
    const isSeen = Object.values(condition ?? {}).some((found) => found !== null);
    return isSeen || (quality !== undefined && quality !== this.said(item, "quality")?.value);
  }

  private judge(
    scan: RecordsScan,
    item: ModelItem,
    named: string | undefined,
  ): { outcome: string; code?: string; isMove?: true } {
    const { tag, type, atMs, clock } = scan;
    const odd = clock === undefined ? {} : { code: clock };
    if (atMs < item.factAtMs) {
      if (isBack(type)) this.settle(tag, item, named, atMs);
      if ((type === "rental" || type === "delivery") && named !== undefined)
        this.tellLate(tag, item, named, atMs);
      return { outcome: "accepted", code: "late_history_only" };
    }
    if (takesContract.includes(type) && named === undefined)
      return { outcome: "rejected", code: "contract_required" };
    const [verb, target = scan.status ?? "", how] = (rules[item.status]?.[ruleOf(type)] ?? "").split(" ");
    if (verb === "refused") return { outcome: "rejected", code: "transition_refused" };
    if (verb === "sight") return { outcome: "accepted", ...odd };
    const isSame = verb === "same" && named === item.contract;
    if (verb === "already" || isSame || (verb === "service" && target === item.status)) {
      this.confirm(tag, item, named, atMs);
      if (isBack(type) && named !== undefined && named !== item.contract)
        this.settleNamed(tag, item, named, atMs);
      return { outcome: "already_applied" };
    }
    const isTaking = takesContract.includes(type);
    const contract = isTaking && named !== undefined ? this.contracts.get(named) : undefined;
    // What left before the contract was closed did leave, however late that is told.
    if (contract !== undefined && contract.state !== "open" && atMs >= contract.stateAtMs)
      return { outcome: "rejected", code: "contract_closed" };
    const isOrdered =
      contract === undefined ||
      contract.lines.length === 0 ||
      contract.lines.some((line) => line.class === item.class);
    const status = how === "condition" ? afterReturn(scan.condition) : target;
    const to = { status, contract: isTaking ? (named ?? null) : null, factAtMs: atMs };
    const from = item.contract;
    const isKnown = named !== undefined && this.contracts.has(named);
    this.become(tag, item, to, { isReturn: isBack(type), atMs });
    const moved = { outcome: "accepted", isMove: true } as const;
    if (isBack(type) && named !== undefined && named !== from) {
      const code = isKnown ? "other_contract" : "contract_unknown";
      this.settleNamed(tag, item, named, atMs);
      return { ...moved, ...(isKnown && from === null ? {} : { code }), ...odd };
    }
    return { ...moved, ...(isOrdered ? {} : { code: "class_not_on_contract" }), ...odd };
  }

  /** What was so already is so at the instant of the scan too, unless that is of another contract than the thing is on. */
  private confirm(tag: string, item: ModelItem, named: string | undefined, atMs: number) {
    if (item.contract !== null && named !== item.contract) return;
    // Of the very instant of the last fact it says nothing that is not known.
    const deed = { since: this.now, tag, isFact: false, isDated: atMs > item.factAtMs };
    item.factAtMs = atMs;
    item.deeds.push({ ...deed, onto: item.contract, after: keptOf(item), stands: new Map() });
  }

  /**
   * What is told too late still says that the thing was out there once: its steps are gone through again as if that had been told in time.
   * A return that was taken for the end of where it was before is of this one then.
   */
  private tellLate(tag: string, item: ModelItem, named: string, atMs: number) {
    const known = this.contracts.get(named)?.members.get(tag);
    const { until, since } = this.wayOf(item, atMs);
    const before = until.at(-1);
    const isGoing = (one: (typeof since)[number] | undefined) =>
      one?.step.what === "out" && one.number === named;
    // It was on its way there anyhow.
    if (isGoing(before) || (since.length === 0 && item.contract === named)) return;
    if (isGoing(since[0])) return this.tellEarlier(tag, item, { named, since, atMs });
    const isThereAgain = item.contract === named || since.some(isGoing);
    if (isThereAgain && known === undefined) return;
    const elsewhere = before?.step.what === "out" ? before.number : undefined;
    let rests: Step | undefined;
    let state = "not_recorded";
    for (const one of since) {
      if (isGoing(one)) break;
      const { step, number } = one;
      const isFirst = rests === undefined;
      if (isFirst) rests = step;
      if (state === "returned" || step.what !== "back" || (!isFirst && number !== named)) continue;
      [rests, state] = [step, "returned"];
    }
    const stands = new Map<string, Standing | undefined>();
    const other = elsewhere === undefined ? undefined : this.takeFrom(tag, item, elsewhere, { until, since });
    if (elsewhere !== undefined && other !== undefined) stands.set(elsewhere, other.stands);
    // What became of it there the last time says how it stands.
    const told = {
      state: isThereAgain ? (known?.state ?? state) : state,
      outAtMs: first(known?.outAtMs, atMs),
      since: this.now,
      class: known?.class ?? item.class,
    };
    this.contractOf(named).members.set(tag, told);
    stands.set(named, told);
    const deed = { since: this.now, tag, isFact: false, isDated: false, onto: item.contract };
    const all = [...(rests === undefined ? [] : [rests]), ...(other?.rests ?? [])];
    item.deeds.push({ ...deed, after: keptOf(item), stands, rests: all });
  }

  /** It was there before the scan that was known to have sent it there, and all that came of that stays. */
  private tellEarlier(
    tag: string,
    item: ModelItem,
    { named, since, atMs }: { named: string; since: Way; atMs: number },
  ) {
    const known = this.contracts.get(named)?.members.get(tag);
    if (known === undefined) return;
    const { rests, isLeft } = restOf(since, named, known.state === "staged");
    const isTold = known.state !== "staged" || isLeft;
    const outAtMs = isTold ? first(known.outAtMs, atMs) : known.outAtMs;
    const told = { ...known, outAtMs, since: this.now };
    this.contractOf(named).members.set(tag, told);
    const deed = { since: this.now, tag, isFact: false, isDated: false, onto: item.contract };
    item.deeds.push({ ...deed, after: keptOf(item), stands: new Map([[named, told]]), rests });
  }

  /** A return was taken for the end of where the thing was: it had left that by then, and came back from elsewhere. */
  private takeFrom(tag: string, item: ModelItem, number: string, way: { until: Way; since: Way }) {
    const isThere = (one: Way[number]) => one.step.what === "out" && one.number === number;
    const again = way.since.findIndex(isThere);
    const own = again === -1 ? way.since : way.since.slice(0, again);
    if (own.some((one) => one.step.what === "back" && one.number === number)) return undefined;
    const isOver = again === -1 && item.contract !== number;
    const { state } = this.contracts.get(number)?.members.get(tag) ?? {};
    const isTaken = isOver ? state === "returned" : own.length === 0 || own[0]?.step.what === "back";
    return isTaken ? this.endThen(tag, item, { ...way, number, state: "not_recorded" }) : undefined;
  }

  /** A time out on a contract ended just then. If the thing went there again, that says how it stands. */
  private endThen(
    tag: string,
    item: ModelItem,
    { number, state, until, since }: { number: string; state: string; until: Way; since: Way },
  ): { readonly stands: Standing; readonly rests: readonly Step[] } | undefined {
    const known = this.contracts.get(number)?.members.get(tag);
    const isOn = item.contract === number;
    if (known === undefined || (isOn && since.length === 0)) return undefined;
    const isThere = (one: Way[number]) => one.step.what === "out" && one.number === number;
    const begin = until.findLastIndex((one) => !isThere(one)) + 1;
    const stays = isOn || since.some(isThere);
    const stands = {
      ...{ state: stays ? known.state : state, class: known.class, since: this.now },
      outAtMs: first(known.outAtMs, until[begin]?.step.atMs),
    };
    this.contractOf(number).members.set(tag, stands);
    const isOpen = known.state === "out" && since.every(isThere);
    const isSplit = since[0] !== undefined && isThere(since[0]) && !isOpen;
    return { stands, rests: isSplit ? restOf(since, number, known.state === "staged").rests : [] };
  }

  /** A return in time settles the contract it names besides the rental it ends. */
  private settleNamed(tag: string, item: ModelItem, named: string, atMs: number) {
    if (this.contracts.get(named)?.members.get(tag)?.state !== "not_recorded") return;
    const standing = this.stand(named, tag, { state: "returned", atMs });
    const last = item.deeds.at(-1) as Deed;
    item.deeds[item.deeds.length - 1] = { ...last, stands: new Map([...last.stands, [named, standing]]) };
  }

  /** The steps of a thing that count, until an instant and since. */
  private wayOf(item: ModelItem, atMs: number) {
    const steps = item.steps
      .filter((step) => !this.isTakenBack(item, step))
      .map((step) => ({ step, number: step.number && this.number(step.number) }))
      .toSorted((a, b) => a.step.atMs - b.step.atMs);
    return {
      until: steps.filter(({ step }) => step.atMs <= atMs),
      since: steps.filter(({ step }) => step.atMs > atMs),
    };
  }

  /**
   * A late return is of the contract it names, else of the one that the item was out on just then; where it was taken off without a
   * return, of the one that it left last so.
   */
  private settle(tag: string, item: ModelItem, named: string | undefined, atMs: number) {
    const all = [...this.contracts].filter(([, { members }]) => members.has(tag)).map(([number]) => number);
    const { until, since } = this.wayOf(item, atMs);
    const before = until.at(-1);
    const on = before?.step.what === "out" ? before.number : undefined;
    const isNamed = named !== undefined && all.includes(named);
    if (on !== undefined && (!isNamed || named === on)) {
      const told = this.endThen(tag, item, { number: on, state: "returned", until, since });
      if (told === undefined) return;
      const late = { since: this.now, tag, isFact: false, isDated: false, onto: item.contract };
      const stands = new Map([[on, told.stands]]);
      item.deeds.push({ ...late, after: keptOf(item), stands, rests: told.rests });
      return;
    }
    // What had come back already comes back once.
    const open = before?.step.what === "back" ? [] : all;
    const of = isNamed ? [named] : open;
    const owed = of
      .map((number) => ({ number, ...this.contracts.get(number)?.members.get(tag) }))
      .filter(({ state, outAtMs = 0 }) => state === "not_recorded" && outAtMs <= atMs)
      .toSorted((a, b) => (b.outAtMs ?? 0) - (a.outAtMs ?? 0))[0];
    if (owed === undefined) return;
    const now = keptOf(item);
    const stands = new Map([[owed.number, this.stand(owed.number, tag, { state: "returned", atMs })]]);
    const deed = { since: this.now, tag, isFact: false, isDated: false, onto: item.contract };
    item.deeds.push({ ...deed, after: now, stands });
  }

  open(number: string, lines: readonly Line[], dueAt: string | null = null): Expectation {
    this.now += 1;
    if (this.number(number) !== number) return { fault: "contract_closed" };
    const contract = this.contractOf(number);
    if (contract.isStated)
      return JSON.stringify(contract.lines) === JSON.stringify(lines)
        ? { outcome: "already_applied" }
        : { fault: "contract_exists" };
    Object.assign(contract, { isStated: true, lines, dueAt });
    return { outcome: "accepted" };
  }

  amend(written: string, lines: readonly Line[], dueAt: string): Expectation {
    this.now += 1;
    const contract = this.contracts.get(this.number(written));
    if (contract === undefined) return { fault: "contract_unknown" };
    if (contract.state === "closed") return { fault: "contract_closed" };
    const isSame = JSON.stringify(contract.lines) === JSON.stringify(lines) && contract.dueAt === dueAt;
    if (isSame) return { outcome: "already_applied" };
    Object.assign(contract, { isStated: true, lines, dueAt });
    return { outcome: "accepted" };
  }

  act(
    written: string,
    act: "close" | "reopen" | "finalize" | "returned" | "reactivate",
    atMs: number,
  ): Expectation {
    this.now += 1;
    const contract = this.contracts.get(this.number(written));
    if (contract === undefined) return { fault: "contract_unknown" };
    const isOfLaundry = act === "finalize" || act === "returned" || act === "reactivate";
    if (isOfLaundry && contract.kind !== "laundry") return { fault: "contract_state" };
    const to = {
      ...{ close: "closed", reopen: "open", finalize: "finalized", returned: "returned", reactivate: "open" },
    }[act];
    if (contract.state === to) return { outcome: "already_applied" };
    const from = {
      ...{ close: ["open", "finalized", "returned"], reopen: ["closed"], finalize: ["open"] },
      ...{ returned: ["finalized"], reactivate: ["finalized", "returned"] },
    }[act];
    if (!from.includes(contract.state)) return { fault: "contract_state" };
    const number = this.number(written);
    this.acts.push({ since: this.now, isOff: false, number, was: contract.state, to });
    Object.assign(contract, { state: to, stateAtMs: atMs });
    return { outcome: "accepted" };
  }
  readonly acts: DoneAct[] = [];
  readonly lots: DoneLot[] = [];
  readonly closes: DoneClose[] = [];
  readonly merges: DoneMerge[] = [];

  /** Whether the contract came to be in another state after something, or another was merged into it. */
  private hasGoneOn(number: string, since: number): boolean {
    const isLater = (one: Done) => !one.isOff && one.since > since;
    return (
      this.acts.some((one) => one.number === number && isLater(one)) ||
      this.merges.some(({ to, ...one }) => to === number && isLater(one))
    );
  }
  undoAct(act: DoneAct, atMs: number): Expectation {
    this.now += 1;
    if (act.isOff) return { outcome: "already_applied" };
    if (this.number(act.number) !== act.number || this.hasGoneOn(act.number, act.since))
      return { fault: "undo_refused" };
    act.isOff = true;
    Object.assign(this.contractOf(act.number), { state: act.was, stateAtMs: atMs });
    return { outcome: "accepted" };
  }
  undoLot(lot: DoneLot): Expectation {
    this.now += 1;
    if (lot.isOff) return { outcome: "already_applied" };
    const { number, name, change, since } = lot;
    const contract = this.contractOf(number);
    const later = this.acts.filter((one) => !one.isOff && one.number === number && one.since > since);
    const isSent = later.some(({ to }) => to === "finalized");
    const isClosed = contract.state === "closed" && later.some(({ to }) => to === "closed");
    const { added, removed } = contract.lots.get(name) ?? { added: 0, removed: 0 };
    if (this.number(number) !== number || isSent || isClosed || added - removed < change)
      return { fault: "undo_refused" };
    lot.isOff = true;
    const after = change > 0 ? { added, removed: removed + change } : { added: added - change, removed };
    contract.lots.set(name, after);
    return { outcome: "accepted" };
  }
  undoClose(close: DoneClose): Expectation {
    this.now += 1;
    if (close.isOff) return { outcome: "already_applied" };
    const own = this.closes.filter((one) => !one.isOff && one.session === close.session);
    if (own.at(-1) !== close) return { fault: "undo_refused" };
    close.isOff = true;
    const before = own.at(-2);
    const open = this.begun.has(close.session) ? "open" : "unbegun";
    const { closedAtMs = 0, declared } = before ?? {};
    const state = before === undefined ? open : "closed";
    Object.assign(this.sessionOf(close.session), { state, closedAtMs, declared });
    return { outcome: "accepted" };
  }
  /** A scan that changed nothing is heard no longer: nothing depends on it. */
  undoHeard(heard: Heard): Expectation {
    this.now += 1;
    if (heard.isOff) return { outcome: "already_applied" };
    const item = this.items.get(heard.tag);
    if (
      item !== undefined &&
      countingOf(item).some(({ rests = [] }) => rests.some(({ of }) => of === heard.scan))
    )
      return { fault: "undo_refused" };
    heard.isOff = true;
    return { outcome: "accepted" };
  }
  /** Takes back what can be of all that a session heard of items, the last one first. */
  undoSession(id: string): Expectation {
    const heard = (this.sessions.get(id)?.heard ?? []).filter(({ outcome }) => outcome !== "unknown");
    if (heard.length === 0) return { fault: "event_unknown" };
    const all = heard
      .toReversed()
      .map((one) => (one.deed === undefined ? this.undoHeard(one) : this.undo(one.deed)));
    if (all.some((one) => "outcome" in one && one.outcome === "accepted")) return { outcome: "accepted" };
    return all.some((one) => "fault" in one)
      ? { outcome: "rejected", code: "undo_refused" }
      : { outcome: "already_applied" };
  }
  undoMerge(merge: DoneMerge, atMs: number): Expectation {
    this.now += 1;
    if (merge.isOff) return { outcome: "already_applied" };
    const { from, to, since, members, lots } = merge;
    const target = this.contractOf(to);
    const isShort = [...lots].some(([name, { added, removed }]) => {
      const now = target.lots.get(name) ?? { added: 0, removed: 0 };
      return now.added - added < now.removed - removed;
    });
    const isMoved = [...members.keys()].some((tag) =>
      netOf(this.items.get(tag)?.deeds ?? [], since).some((deed) => this.touchedBy(deed).has(to)),
    );
    const isStated = merge.deeds.some(({ tag }) =>
      countingOf(this.items.get(tag) as ModelItem).some((one) => one.isFact && one.since > since),
    );
    if (this.number(from) !== to || this.hasGoneOn(to, since) || isShort || isMoved || isStated)
      return { fault: "undo_refused" };
    merge.isOff = true;
    const source = this.contracts.get(from) as ModelContract;
    Object.assign(source, { state: merge.wasState, stateAtMs: atMs, into: undefined });
    for (const [tag, standing] of members) {
      target.members.delete(tag);
      source.members.set(tag, { ...standing, since: this.now });
    }
    for (const [tag, standing] of merge.own) target.members.set(tag, standing);
    for (const [name, { added, removed }] of lots) {
      const now = target.lots.get(name) ?? { added: 0, removed: 0 };
      const left = { added: now.added - added, removed: now.removed - removed };
      source.lots.set(name, { added, removed });
      if (merge.ownLots.has(name) || left.added + left.removed > 0) target.lots.set(name, left);
      else target.lots.delete(name);
    }
    if (merge.ownLines.length === 0 && target.lines === source.lines) target.lines = [];
    for (const deed of merge.deeds) {
      const item = this.items.get(deed.tag) as ModelItem;
      item.contract = from;
      item.deeds.push({ ...deed, since: this.now, of: deed });
    }
    return { outcome: "accepted" };
  }

  lot(written: string, name: string, change: number): Expectation {
    this.now += 1;
    if (this.contracts.get(this.number(written))?.state === "closed") return { fault: "contract_closed" };
    const known = this.contracts.get(this.number(written))?.lots.get(name) ?? { added: 0, removed: 0 };
    if (known.added - known.removed + change < 0) return { fault: "lot_negative" };
    const { added, removed } = known;
    const after = change > 0 ? { added: added + change, removed } : { added, removed: removed - change };
    this.contractOf(written).lots.set(name, after);
    this.lots.push({ since: this.now, isOff: false, number: this.number(written), name, change });
    return { outcome: "accepted" };
  }

  merge(written: string, into: string): Expectation {
    this.now += 1;
    if (!this.contracts.has(written)) return { fault: "contract_unknown" };
    const [from, to] = [this.number(written), this.number(into)];
    if (from !== written) return from === to ? { outcome: "already_applied" } : { fault: "contract_state" };
    const source = this.contractOf(from);
    if (source.kind !== "manual" || from === to) return { fault: "contract_state" };
    if ((this.contracts.get(to)?.state ?? "open") !== "open") return { fault: "contract_state" };
    const target = this.contractOf(to);
    const deeds: Deed[] = [];
    const merge: DoneMerge = {
      ...{ since: this.now, isOff: false, from, to, wasState: source.state, deeds },
      members: new Map(source.members),
      own: new Map([...target.members].filter(([tag]) => source.members.has(tag))),
      lots: new Map(source.lots),
      ...{ ownLots: new Set(target.lots.keys()), ownLines: target.lines },
    };
    for (const [tag, standing] of source.members) {
      const other = target.members.get(tag);
      const stands = (one: Standing) => (one.state === "out" || one.state === "staged" ? 1 : 0);
      const isLater = (one: Standing, than: Standing) =>
        (stands(one) - stands(than) || one.since - than.since) > 0;
      const now = other === undefined || isLater(standing, other) ? standing : other;
      target.members.set(tag, { ...now, outAtMs: first(standing.outAtMs, other?.outAtMs), since: this.now });
      const item = this.items.get(tag);
      if (item?.contract !== from) continue;
      item.contract = to;
      const after = keptOf(item);
      const deed = {
        since: this.now,
        tag,
        isFact: true,
        isDated: false,
        onto: from,
        after,
        stands: new Map(),
      };
      item.deeds.push(deed);
      deeds.push(deed);
    }
    this.merges.push(merge);
    for (const [name, { added, removed }] of source.lots) {
      const other = target.lots.get(name) ?? { added: 0, removed: 0 };
      target.lots.set(name, { added: other.added + added, removed: other.removed + removed });
    }
    if (target.lines.length === 0) target.lines = source.lines;
    source.members.clear();
    source.lots.clear();
    Object.assign(source, { state: "merged", into: to });
    return { outcome: "accepted" };
  }

  /** Takes a deed back, unless a later one depends on it: both state a fact, or both say how it stands on the same contract. */
  undo(deed: Deed): Expectation {
    this.now += 1;
    const item = this.items.get(deed.tag) as ModelItem;
    if (isOff(item, deed)) return { outcome: "already_applied" };
    const touched = this.touchedBy(deed);
    const later = countingOf(item).filter(({ since }) => since > deed.since);
    const isBlocked = later.some(
      (one) =>
        (one.isFact && deed.isFact) ||
        [...this.touchedBy(one)].some((number) => touched.has(number)) ||
        (one.rests ?? []).some(({ by }) => by !== undefined && by === broughtBy(deed)),
    );
    if (isBlocked || this.isOfAnotherPast(item, deed)) return { fault: "undo_refused" };
    const root = rootOf(deed);
    item.deeds.push({ ...root, since: this.now, onto: item.contract, of: deed });
    const to = asOf(item, deed.since);
    if (deed.isFact)
      Object.assign(item, { status: to.status, contract: to.contract && this.number(to.contract) });
    if (!later.some(({ isDated }) => isDated)) item.factAtMs = to.factAtMs;
    const there = countingOf(item);
    for (const number of touched) {
      const standing = this.standingOf(item, this.standingAfter(there, number), number);
      const { members } = this.contractOf(number);
      if (standing === undefined) members.delete(deed.tag);
      else members.set(deed.tag, { ...standing, since: this.now });
    }
    return { outcome: "accepted" };
  }
  /** What comes back was said of an item on one contract, and by what counts before it that is on another one now. */
  private isOfAnotherPast(item: ModelItem, deed: Deed): boolean {
    const { of: again } = deed;
    // Who takes back what took back an undo brings nothing back, and what another undo holds off stays off.
    if (again === undefined || !again.isFact || again.of !== undefined) return false;
    if (item.deeds.some((one) => one !== deed && one.of === again && !isOff(item, one))) return false;
    const [then, now] = [again.onto, asOf(item, again.since - 1).contract].map((written) =>
      written === null ? null : this.number(written),
    );
    return now !== null && then !== now;
  }
  /** Where all that was done to an item leaves it on a contract, and on those that became it. */
  private standingAfter(deeds: readonly Deed[], number: string): Standing | undefined {
    const own = deeds.flatMap(({ stands }) =>
      [...stands].filter(([written]) => this.number(written) === number),
    );
    let now: Standing | undefined;
    for (const [, next] of own) {
      const isBack = next === undefined && now?.state === "staged" && now.outAtMs !== undefined;
      if (next !== undefined) now = { ...next, outAtMs: first(now?.outAtMs, next.outAtMs) };
      else now = isBack && now !== undefined ? { ...now, state: "returned" } : undefined;
    }
    return now;
  }
  /** What is out on a contract stands on it so, whatever was said of one that became it since. */
  private standingOf(
    { contract, status }: ModelItem,
    told: Standing | undefined,
    number: string,
  ): Standing | undefined {
    if (contract !== number || told === undefined) return told;
    return { ...told, state: status === "staged" ? "staged" : "out" };
  }
  private touchedBy({ stands }: Deed): Set<string> {
    return new Set([...stands.keys()].map((number) => this.number(number)));
  }

  begin(
    id: string,
    about: { readonly mode: string; readonly contract?: string; readonly expected?: readonly string[] },
  ): Expectation {
    this.now += 1;
    const known = this.sessions.get(id);
    if (known !== undefined && this.begun.has(id)) return { fault: "session_exists" };
    const session = this.sessionOf(id);
    this.begun.add(id);
    this.beginnings.push({ since: this.now, isOff: false, session: id });
    if (session.state === "unbegun") session.state = "open";
    const { mode, expected, contract } = about;
    const of = contract === undefined ? undefined : this.contracts.get(this.number(contract));
    const out = [...(of?.members ?? [])].filter(([, { state }]) => state === "out").map(([tag]) => tag);
    const isGoing = mode === "checkout" || (mode === "laundry" && (of?.state ?? "open") === "open");
    const isComing = !isGoing && (mode === "return" || mode === "laundry");
    for (const tag of expected ?? (isComing ? out : [])) session.expected.add(tag);
    Object.assign(session, { mode, contract });
    const isOfTags = expected !== undefined || !isGoing;
    if (isOfTags || of === undefined || of.lines.length === 0) return { outcome: "accepted" };
    // What was scanned in it before its beginning was heard had still to go when it began.
    const seen = [...this.tagsIn(session)].filter(([, { outcome }]) => outcome === "seen");
    const own = (name: string) =>
      seen.filter(
        ([tag]) =>
          of.members.get(tag)?.class === name && (of.members.get(tag)?.state ?? "staged") !== "staged",
      ).length;
    const lacking = of.lines.map(
      (line) => [line.class, line.quantity - this.left(of, line.class) + own(line.class)] as const,
    );
    const others = seen.flatMap(([tag]) => (of.members.has(tag) ? [] : tag));
    session.beside = { since: this.now, tags: new Set(others) };
    session.byClass = new Map(lacking.filter(([, left]) => left > 0));
    return { outcome: "accepted" };
  }
  private readonly begun = new Set<string>();
  readonly beginnings: DoneBegin[] = [];
  /** Nothing may have come of it: no scan counts there, and nobody has closed it. */
  undoBegin(begin: DoneBegin): Expectation {
    this.now += 1;
    if (begin.isOff) return { outcome: "already_applied" };
    const session = this.sessionOf(begin.session);
    const hasCounted = [...this.tagsIn(session).values()].some(({ outcome }) => outcome !== undefined);
    if (session.state === "closed" || hasCounted) return { fault: "undo_refused" };
    begin.isOff = true;
    this.begun.delete(begin.session);
    session.expected.clear();
    const none = { mode: undefined, contract: undefined, byClass: undefined, beside: undefined };
    Object.assign(session, { state: "unbegun", ...none });
    return { outcome: "accepted" };
  }

  recorded(id: string): { count: number; digest: string } {
    const session = this.sessions.get(id);
    const tags = session === undefined ? [] : [...this.tagsIn(session)];
    return digestOf(tags.flatMap(([tag, { outcome }]) => (outcome === undefined ? [] : tag)));
  }
  /** What its device has scanned: also what was taken back since. */
  arrived(id: string): { count: number; digest: string } {
    return digestOf((this.sessions.get(id)?.heard ?? []).map(({ tag }) => tag));
  }

  close(id: string, declared: { count: number; digest: string } | undefined, atMs: number): Expectation {
    this.now += 1;
    const session = this.sessions.get(id);
    if (session === undefined) return { fault: "session_unknown" };
    const said = declared === undefined ? session.declared : JSON.stringify(declared);
    if (session.state === "closed" && said === session.declared) return { outcome: "already_applied" };
    if (session.state !== "closed") session.closedAtMs = atMs;
    Object.assign(session, { state: "closed", declared: said });
    const { closedAtMs } = session;
    this.closes.push({ since: this.now, isOff: false, session: id, closedAtMs, declared: said });
    return { outcome: "accepted" };
  }

  private count(contract: ModelContract, name: string, states: readonly string[]): number {
    return [...contract.members.values()].filter((one) => one.class === name && states.includes(one.state))
      .length;
  }
  private left(contract: ModelContract, name: string): number {
    return this.count(contract, name, ["out", "returned", "not_recorded"]);
  }

  contractView(number: string) {
    const contract = this.contracts.get(number) as ModelContract;
    const others = [...contract.members.values()].map((one) => one.class);
    const names = [...contract.lines.map((line) => line.class), ...others.toSorted()];
    const lines = [...new Set(names)].map((name) => {
      const expected = contract.lines.find((line) => line.class === name)?.quantity ?? 0;
      const out = this.left(contract, name);
      return {
        ...{ class: name, expected, out, staged: this.count(contract, name, ["staged"]) },
        returned: this.count(contract, name, ["returned"]),
        stillOut: this.count(contract, name, ["out"]),
        notRecorded: this.count(contract, name, ["not_recorded"]),
        extra: contract.lines.length === 0 ? 0 : Math.max(0, out - expected),
      };
    });
    const lots = [...contract.lots].map(([name, lot]) => ({
      name,
      ...lot,
      balance: lot.added - lot.removed,
    }));
    return {
      state: contract.state,
      mergedInto: contract.into ?? null,
      lines,
      lots: lots.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }

  sessionView(id: string) {
    const session = this.sessions.get(id) as ModelSession;
    const { byClass, state, declared } = session;
    const tags = this.tagsIn(session);
    const seen = [...tags].filter(([, { outcome }]) => outcome === "seen");
    const count = (outcome: string) => [...tags.values()].filter((one) => one.outcome === outcome).length;
    const ofClass = (name: string) =>
      seen.filter(([tag, { isBeside }]) => !isBeside && this.items.get(tag)?.class === name).length;
    const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
    const expectedTags = [...tags.values()].filter(({ isExpected }) => isExpected).length;
    const expected = byClass === undefined ? expectedTags : sum([...byClass.values()]);
    const found =
      byClass === undefined
        ? seen.filter(([, { isExpected }]) => isExpected).length
        : sum([...byClass].map(([name, wanted]) => Math.min(wanted, ofClass(name))));
    const isComplete = declared === JSON.stringify(this.arrived(id));
    return {
      ...{ state, expected, found, missing: expected - found, unexpected: seen.length - found },
      ...{ unknown: count("unknown"), rejected: count("rejected") },
      complete: state !== "closed" || declared === undefined ? null : isComplete,
    };
  }
}

const digestOf = (tags: readonly string[]): { count: number; digest: string } => {
  const names = [...new Set(tags)].toSorted();
  return { count: names.length, digest: createHash("sha256").update(names.join("\n")).digest("hex") };
};
/** What was done to an item since, without what was taken back since: an undo of something earlier is something that was done. */
const netOf = (deeds: readonly Deed[], since: number): Deed[] => {
  const later = deeds.filter((deed) => deed.since > since);
  const gone = new Set<Deed>();
  for (const deed of later.toReversed()) {
    if (deed.of === undefined || !later.includes(deed.of) || gone.has(deed)) continue;
    gone.add(deed);
    gone.add(deed.of);
  }
  return later.filter((deed) => !gone.has(deed));
};
/** The first of two instants, where there are any. */
/**
 * What is known to have ended a time on a contract that the first of these steps began; told only where the thing went there again after
 * that, or is set aside for it. `isLeft` where anything came after the scans that sent it there.
 */
const restOf = (since: Way, number: string, isStaged: boolean): { rests: Step[]; isLeft: boolean } => {
  const isThere = (one: Way[number]) => one.step.what === "out" && one.number === number;
  const left = since.findIndex((one) => !isThere(one));
  if (left === -1) return { rests: [], isLeft: false };
  const rest = since.slice(left);
  const again = rest.findIndex(isThere);
  const own = again === -1 ? rest : rest.slice(0, again);
  if (again === -1 && !isStaged) return { rests: [], isLeft: true };
  const isFirstBack = own[0]?.step.what === "back";
  const said = own.find((one) => one.step.what === "back" && one.number === number);
  const end = isFirstBack ? own[0] : (said ?? own[0]);
  return { rests: end === undefined ? [] : [end.step], isLeft: true };
};
const first = (left: number | undefined, right: number | undefined): number | undefined =>
  left === undefined || right === undefined ? (left ?? right) : Math.min(left, right);
/** What is there by a deed: of one that took back what took it back, the first of them. */
const broughtBy = (deed: Deed): Deed => (deed.of?.of === undefined ? deed : broughtBy(deed.of.of));
const rootOf = (deed: Deed): Deed => (deed.of === undefined ? deed : rootOf(deed.of));
/** A deed is off while anything that took it back is not off itself. */
const isOff = (item: ModelItem, deed: Deed): boolean =>
  item.deeds.some((one) => one.of === deed && !isOff(item, one));
const countingOf = (item: ModelItem): Deed[] =>
  item.deeds.filter((one) => one.of === undefined && !isOff(item, one));
/** What an item was at a moment, by the deeds that count now: some of then may have been taken back since, or be there again. */
const asOf = (item: ModelItem, moment: number): Kept => {
  const until = countingOf(item).filter(({ since }) => since <= moment);
  const fact = until.findLast(({ isFact }) => isFact)?.after ?? item.first;
  const newest = until.findLast(({ isDated }) => isDated)?.after ?? item.first;
  return { ...fact, factAtMs: newest.factAtMs };
};
