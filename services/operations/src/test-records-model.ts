import { createHash } from "node:crypto";

/*
 * The reference model of contracts, sessions, lots, tags and undo: what the public surface promises of them, written by hand apart
 * from the code it judges. It shares no line with it, forgets nothing and looks at everything again, slow and plain on purpose.
 */

export type RecordsScan = {
  readonly id: string;
  readonly tag: string;
  readonly type: "rental" | "stage" | "delivery" | "return" | "service" | "touch";
  readonly atMs: number;
  readonly contract?: string;
  readonly session?: string;
  readonly status?: string;
};

type Expectation = { readonly outcome: string; readonly code?: string } | { readonly fault: string };
/** `outAtMs` is there once the item has been out. */
type Standing = { readonly state: string; readonly outAtMs: number | undefined; readonly since: number };
/** What an act did to an item. `of` is there when it only took another one back. */
export type Deed = {
  readonly since: number;
  readonly tag: string;
  readonly isFact: boolean;
  readonly after: Kept;
  readonly stands: ReadonlyMap<string, Standing | undefined>;
  readonly of?: Deed;
};
type Kept = { readonly status: string; readonly contract: string | null; readonly factAtMs: number };
type ModelItem = { -readonly [K in keyof Kept]: Kept[K] } & { class: string; first: Kept; deeds: Deed[] };
type Line = { readonly class: string; readonly quantity: number };
type ModelContract = {
  kind: string;
  state: string;
  /** When it came to be closed, open again or finalized. */
  stateAtMs: number;
  lines: readonly Line[];
  isStated: boolean;
  into: string | undefined;
  readonly members: Map<string, Standing>;
  readonly lots: Map<string, { added: number; removed: number }>;
};
type Seen = { isExpected: boolean; outcome: "seen" | "rejected" | "unknown" | undefined; type: string };
type ModelSession = {
  state: "unbegun" | "open" | "closed";
  closedAtMs: number;
  declared: string | undefined;
  byClass: Map<string, number> | undefined;
  duplicates: number;
  readonly tags: Map<string, Seen>;
};

/** By status: what each scan does. `move`, `same` unless on the same contract already, `sight`, `already`, `refused`. */
const rules: Readonly<Record<string, Readonly<Record<RecordsScan["type"], string>>>> = {
  ready: {
    rental: "move on_rent",
    stage: "move staged",
    delivery: "move delivered",
    return: "already",
    service: "move",
    touch: "sight",
  },
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
    return: "move ready",
    service: "move",
    touch: "sight",
  },
  delivered: {
    rental: "same on_rent",
    stage: "refused",
    delivery: "already",
    return: "move ready",
    service: "move",
    touch: "sight",
  },
  wash: {
    rental: "refused",
    stage: "refused",
    delivery: "refused",
    return: "already",
    service: "service",
    touch: "sight",
  },
  missing: {
    rental: "move on_rent",
    stage: "move staged",
    delivery: "move delivered",
    return: "move ready",
    service: "move",
    touch: "move ready",
  },
  retired: {
    rental: "refused",
    stage: "refused",
    delivery: "refused",
    return: "refused",
    service: "refused",
    touch: "sight",
  },
};
const takesContract = ["rental", "stage", "delivery"];
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
      tags: new Map(),
    };
    this.sessions.set(id, found);
    return found;
  }
  private seenIn(id: string, tag: string): Seen {
    const { tags } = this.sessionOf(id);
    const found = tags.get(tag) ?? { isExpected: false, outcome: undefined, type: "" };
    tags.set(tag, found);
    return found;
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
    const after = { state: to, outAtMs, since: this.now };
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
    item.deeds.push({ since: this.now, tag, isFact, after: to, stands });
  }

  create(tag: string, name: string): Expectation {
    this.now += 1;
    if (this.items.has(tag)) return { fault: "item_exists" };
    const made = { status: "ready", contract: null, factAtMs: -1 };
    this.items.set(tag, { ...made, class: name, first: made, deeds: [] });
    const waited = (this.waiting.get(tag) ?? []).toSorted((a, b) => a.atMs - b.atMs);
    this.waiting.delete(tag);
    for (const scan of waited) {
      this.now += 1;
      this.decide(scan);
    }
    return { outcome: "accepted" };
  }

  patch(tag: string, status: string, atMs: number): Expectation {
    this.now += 1;
    const item = this.items.get(tag);
    if (item === undefined) return { fault: "tag_unknown" };
    if (item.status === status) return { outcome: "already_applied" };
    const to = { status, contract: null, factAtMs: Math.max(atMs, item.factAtMs) };
    this.become(tag, item, to, { isReturn: false, atMs });
    return { outcome: "accepted" };
  }

  retag(tag: string, to: string, atMs: number): Expectation {
    this.now += 1;
    const item = this.items.get(tag);
    if (item === undefined) return { fault: "tag_unknown" };
    if (this.items.has(to)) return { fault: "item_exists" };
    if (item.status === "retired") return { fault: "transition_refused" };
    const now = keptOf(item);
    const successor: ModelItem = { ...now, class: item.class, first: now, deeds: [] };
    this.items.set(to, successor);
    const stands = new Map<string, Standing | undefined>();
    if (now.contract !== null) {
      stands.set(now.contract, this.stand(now.contract, tag, { state: undefined, atMs }));
      const own = this.stand(now.contract, to, { state: now.status === "staged" ? "staged" : "out", atMs });
      const first = { since: this.now, tag: to, isFact: true, after: now };
      successor.deeds.push({ ...first, stands: new Map([[now.contract, own]]) });
    }
    Object.assign(item, { status: "retired", contract: null, factAtMs: Math.max(atMs, item.factAtMs) });
    const after = keptOf(item);
    item.deeds.push({
      since: this.now,
      tag,
      isFact: true,
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
      if (!isAfter && id !== undefined) {
        const seen = this.seenIn(id, scan.tag);
        seen.outcome = seen.outcome === "seen" ? "seen" : "unknown";
      }
      return { outcome: "quarantined", code: "tag_unknown" };
    }
    return isAfter ? { outcome: "rejected", code: "session_closed" } : this.decide(scan, true);
  }

  private decide(scan: RecordsScan, mayRepeat = false): { outcome: string; code?: string } {
    const { tag, type, session } = scan;
    const item = this.items.get(tag) as ModelItem;
    const was = keptOf(item);
    const deeds = item.deeds.length;
    const named = scan.contract === undefined ? undefined : this.number(scan.contract);
    const before = session === undefined ? undefined : this.sessionOf(session).tags.get(tag);
    const result = this.judge(scan, item, named);
    const isChange =
      was.status !== item.status ||
      was.contract !== item.contract ||
      item.deeds.slice(deeds).some(({ stands }) => stands.size > 0);
    const saysOther = was.contract !== null && named !== undefined && named !== was.contract;
    if (session === undefined) return result;
    const isSilent = result.outcome === "already_applied" && !saysOther;
    const isSameAgain =
      before?.outcome === "seen" && before.type === type && result.outcome !== "rejected" && !isChange;
    if (mayRepeat && isSameAgain && (isSilent || !saysOther)) {
      // Silent: not even a newer instant is kept.
      item.factAtMs = was.factAtMs;
      item.deeds.length = deeds;
      this.sessionOf(session).duplicates += 1;
      return { outcome: "already_applied", code: "duplicate_in_session" };
    }
    if (isSilent && before?.outcome === "seen") return result;
    const seen = this.seenIn(session, tag);
    seen.outcome = result.outcome === "rejected" && seen.outcome !== "seen" ? "rejected" : "seen";
    seen.type = type;
    return result;
  }

  private judge(scan: RecordsScan, item: ModelItem, named: string | undefined) {
    const { tag, type, atMs } = scan;
    if (atMs < item.factAtMs) {
      if (type === "return") this.settle(tag, item, named, atMs);
      return { outcome: "accepted", code: "late_history_only" };
    }
    if (takesContract.includes(type) && named === undefined)
      return { outcome: "rejected", code: "contract_required" };
    const [verb, target = scan.status ?? ""] = (rules[item.status]?.[type] ?? "").split(" ");
    if (verb === "refused") return { outcome: "rejected", code: "transition_refused" };
    if (verb === "sight") return { outcome: "accepted" };
    if (verb === "already" || (verb === "same" && named === item.contract))
      return { outcome: "already_applied" };
    if (verb === "service" && target === item.status) return { outcome: "already_applied" };
    const isTaking = takesContract.includes(type);
    const contract = isTaking && named !== undefined ? this.contracts.get(named) : undefined;
    // What left before the contract was closed did leave, however late that is told.
    if (contract !== undefined && contract.state !== "open" && atMs >= contract.stateAtMs)
      return { outcome: "rejected", code: "contract_closed" };
    const isOrdered =
      contract === undefined ||
      contract.lines.length === 0 ||
      contract.lines.some((line) => line.class === item.class);
    const to = { status: target, contract: isTaking ? (named ?? null) : null, factAtMs: atMs };
    this.become(tag, item, to, { isReturn: type === "return", atMs });
    return { outcome: "accepted", ...(isOrdered ? {} : { code: "class_not_on_contract" }) };
  }

  /** A late return is of the contract it names, else of the one that the item left last without a return. */
  private settle(tag: string, item: ModelItem, named: string | undefined, atMs: number) {
    const all = [...this.contracts].filter(([, { members }]) => members.has(tag)).map(([number]) => number);
    const of = named !== undefined && all.includes(named) ? [named] : all;
    const owed = of
      .map((number) => ({ number, ...this.contracts.get(number)?.members.get(tag) }))
      .filter(({ state, outAtMs = 0 }) => state === "not_recorded" && outAtMs <= atMs)
      .toSorted((a, b) => (b.outAtMs ?? 0) - (a.outAtMs ?? 0))[0];
    if (owed === undefined) return;
    const now = keptOf(item);
    const stands = new Map([[owed.number, this.stand(owed.number, tag, { state: "returned", atMs })]]);
    item.deeds.push({ since: this.now, tag, isFact: false, after: now, stands });
  }

  open(number: string, lines: readonly Line[]): Expectation {
    this.now += 1;
    if (this.number(number) !== number) return { fault: "contract_closed" };
    const contract = this.contractOf(number);
    if (contract.isStated)
      return JSON.stringify(contract.lines) === JSON.stringify(lines)
        ? { outcome: "already_applied" }
        : { fault: "contract_exists" };
    Object.assign(contract, { isStated: true, lines });
    return { outcome: "accepted" };
  }

  act(written: string, act: "close" | "reopen" | "finalize", atMs: number): Expectation {
    this.now += 1;
    const contract = this.contracts.get(this.number(written));
    if (contract === undefined) return { fault: "contract_unknown" };
    if (act === "finalize" && contract.kind !== "laundry") return { fault: "contract_state" };
    const to = { close: "closed", reopen: "open", finalize: "finalized" }[act];
    if (contract.state === to) return { outcome: "already_applied" };
    const from = { close: ["open", "finalized"], reopen: ["closed"], finalize: ["open"] }[act];
    if (!from.includes(contract.state)) return { fault: "contract_state" };
    Object.assign(contract, { state: to, stateAtMs: atMs });
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
      const deed = { since: this.now, tag, isFact: true, after: keptOf(item) };
      item.deeds.push({ ...deed, stands: new Map() });
    }
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
      (one) => (one.isFact && deed.isFact) || [...this.touchedBy(one)].some((number) => touched.has(number)),
    );
    if (isBlocked) return { fault: "undo_refused" };
    const root = rootOf(deed);
    const { tag, isFact, after, stands } = root;
    item.deeds.push({ since: this.now, tag, isFact, after, stands, of: deed });
    const to = asOf(item, deed.since);
    if (deed.isFact)
      Object.assign(item, { status: to.status, contract: to.contract && this.number(to.contract) });
    if (!later.some(({ stands, isFact }) => isFact || stands.size === 0)) item.factAtMs = to.factAtMs;
    const there = countingOf(item);
    for (const number of touched) {
      const standing = this.standingAfter(there, number);
      const { members } = this.contractOf(number);
      if (standing === undefined) members.delete(deed.tag);
      else members.set(deed.tag, { ...standing, since: this.now });
    }
    return { outcome: "accepted" };
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
    if (session.state === "unbegun") session.state = "open";
    const { mode, expected, contract } = about;
    const of = contract === undefined ? undefined : this.contracts.get(this.number(contract));
    const out = [...(of?.members ?? [])].filter(([, { state }]) => state === "out").map(([tag]) => tag);
    for (const tag of expected ?? (mode === "return" ? out : [])) this.seenIn(id, tag).isExpected = true;
    if (mode !== "checkout" || of === undefined || of.lines.length === 0) return { outcome: "accepted" };
    const lacking = of.lines.map((line) => [line.class, line.quantity - this.left(of, line.class)] as const);
    session.byClass = new Map(lacking.filter(([, left]) => left > 0));
    return { outcome: "accepted" };
  }
  private readonly begun = new Set<string>();

  recorded(id: string): { count: number; digest: string } {
    const tags = [...(this.sessions.get(id)?.tags ?? [])].filter(([, { outcome }]) => outcome !== undefined);
    const names = tags.map(([tag]) => tag).toSorted();
    return { count: names.length, digest: createHash("sha256").update(names.join("\n")).digest("hex") };
  }

  close(id: string, declared: { count: number; digest: string } | undefined, atMs: number): Expectation {
    this.now += 1;
    const session = this.sessions.get(id);
    if (session === undefined) return { fault: "session_unknown" };
    const said = declared === undefined ? session.declared : JSON.stringify(declared);
    if (session.state === "closed" && said === session.declared) return { outcome: "already_applied" };
    if (session.state !== "closed") session.closedAtMs = atMs;
    Object.assign(session, { state: "closed", declared: said });
    return { outcome: "accepted" };
  }

  private count(contract: ModelContract, name: string, states: readonly string[]): number {
    const isOf = ([tag, { state }]: [string, Standing]) =>
      this.items.get(tag)?.class === name && states.includes(state);
    return [...contract.members].filter(isOf).length;
  }
  private left(contract: ModelContract, name: string): number {
    return this.count(contract, name, ["out", "returned", "not_recorded"]);
  }

  contractView(number: string) {
    const contract = this.contracts.get(number) as ModelContract;
    const others = [...contract.members.keys()].map((tag) => this.items.get(tag)?.class ?? "");
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
    const { tags, byClass, state, declared } = this.sessions.get(id) as ModelSession;
    const seen = [...tags].filter(([, { outcome }]) => outcome === "seen");
    const count = (outcome: string) => [...tags.values()].filter((one) => one.outcome === outcome).length;
    const ofClass = (name: string) => seen.filter(([tag]) => this.items.get(tag)?.class === name).length;
    const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
    const expectedTags = [...tags.values()].filter(({ isExpected }) => isExpected).length;
    const expected = byClass === undefined ? expectedTags : sum([...byClass.values()]);
    const found =
      byClass === undefined
        ? seen.filter(([, { isExpected }]) => isExpected).length
        : sum([...byClass].map(([name, wanted]) => Math.min(wanted, ofClass(name))));
    const isComplete = declared === JSON.stringify(this.recorded(id));
    return {
      ...{ state, expected, found, missing: expected - found, unexpected: seen.length - found },
      ...{ unknown: count("unknown"), rejected: count("rejected") },
      complete: state !== "closed" || declared === undefined ? null : isComplete,
    };
  }
}

/** The first of two instants, where there are any. */
const first = (left: number | undefined, right: number | undefined): number | undefined =>
  left === undefined || right === undefined ? (left ?? right) : Math.min(left, right);
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
  const newest = until.findLast(({ isFact, stands }) => isFact || stands.size === 0)?.after ?? item.first;
  return { ...fact, factAtMs: newest.factAtMs };
};
