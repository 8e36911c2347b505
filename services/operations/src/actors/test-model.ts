import type { Condition, ItemStatus, ScanType } from "@tagwire/messages";

/*
 * The reference model: what scans and edits do to one site, written by hand from the public table "What a scan does", apart
 * from the code it judges. It shares no line with it, and it is slow and plain on purpose.
 */

export type ModelScan = {
  readonly id: string;
  readonly tag: string;
  readonly type: ScanType;
  readonly scannedAt: string;
  readonly contract?: string;
  readonly status?: ItemStatus;
  readonly place?: string;
  readonly quality?: string;
  readonly condition?: Condition;
  readonly technician?: string;
  readonly done?: string[];
  readonly force?: boolean;
  readonly reason?: string;
};

export type ModelAct =
  | { kind: "scan"; id: string; receivedAtMs: number; reader?: string; scan: ModelScan }
  | {
      kind: "create";
      id: string;
      receivedAtMs: number;
      body: { tag: string; status?: string; place?: string; quality?: string };
    }
  | {
      kind: "patch";
      id: string;
      receivedAtMs: number;
      body: {
        tag: string;
        version: number | null;
        patch: { status?: string; place?: string | null; quality?: string | null; notes?: string | null };
      };
    };

export type ModelItem = {
  status: string;
  contract: string | null;
  place: string | null;
  quality: string | null;
  notes: string | null;
  version: number;
  factAtMs: number;
  placeAtMs: number;
  qualityAtMs: number;
  /** By contract: how it stands there, and when it first went out. */
  readonly stands: Map<string, { state: string; outAtMs: number | undefined; order: number }>;
  /** Where it was by time: what sent it out, brought it back, or said that it is here. */
  readonly trail: {
    readonly atMs: number;
    readonly what: "out" | "back" | "here";
    readonly number: string | null;
  }[];
  /** What was found on it and is not mended yet: words of flags, and what was written besides. */
  found: ReadonlySet<string>;
  /** Who made it ready last, out of which status, and what that mended. */
  work: {
    readonly who: string | null;
    readonly did: readonly string[];
    readonly from: string;
    readonly mended: ReadonlySet<string>;
    readonly scan: string;
  } | null;
  /** The scan by which it was last seen. */
  seen: {
    readonly atMs: number;
    readonly id: string;
    readonly type: string;
    readonly place: string | null;
  } | null;
};

export type ModelReceipt = {
  readonly outcome: string;
  readonly code?: string | undefined;
  readonly flags: readonly string[];
  /** The type of the event it left, if it left one. */
  readonly event?: string | undefined;
  readonly item?: { readonly status: string; readonly version: number } | undefined;
};
export type ModelAnswer = { readonly fault: string } | (ModelReceipt & { readonly replayed: boolean });

/** Columns of the table: which of them an item's status stands in. */
const column: Readonly<Record<string, number>> = {
  ready: 0,
  provisioned: 0,
  staged: 1,
  on_rent: 2,
  delivered: 2,
  inspect: 3,
  repair: 3,
  wash: 3,
  wet: 3,
  missing: 4,
  sold: 5,
  retired: 5,
};

const returned = ["already", "to ready", "to condition", "already", "to ready found", "refused"];
const seen = ["seen", "seen", "seen seen_while_out", "seen", "to ready found", "seen seen_after_end"];

/** `to <status> <flag>…`; `same`: the same contract again is already applied; `force`: refused unless forced with a reason. */
const table: Readonly<Record<ScanType, readonly string[]>> = {
  // ready, provisioned · staged · on_rent, delivered · inspect repair wash wet · missing · sold, retired
  rental: [
    "to on_rent",
    "to on_rent",
    "same on_rent return_not_recorded",
    "force on_rent",
    "to on_rent found",
    "refused",
  ],
  stage: ["to staged", "same staged", "refused", "force staged", "to staged found", "refused"],
  delivery: [
    "to delivered rental_not_recorded",
    "to delivered",
    "arrive",
    "force delivered",
    "to delivered found",
    "refused",
  ],
  return: returned,
  pickup: returned,
  service: [
    "to status",
    "to status",
    "to status return_not_recorded",
    "change",
    "to status found",
    "refused",
  ],
  touch: seen,
  count: seen,
};

const conditionLeadsTo: Readonly<Record<string, string>> = {
  ...{
    rip: "repair",
    sewing: "repair",
    grommet: "repair",
    rope: "repair",
    buckle: "repair",
    oxidation: "repair",
  },
  ...{ service_required: "inspect", other: "inspect" },
  ...{ dirty: "wash", leaves: "wash", oil: "wash", mold: "wash", stain: "wash", wet: "wet" },
};

/** What a thing becomes that comes back in such a condition. */
export const afterReturn = (condition: Condition = {}): string => {
  const said = Object.entries(condition).filter(([, value]) =>
    typeof value === "string" ? value.trim() !== "" : value === true,
  );
  const leads = said.map(([flag]) => conditionLeadsTo[flag]);
  return ["repair", "inspect", "wash", "wet"].find((status) => leads.includes(status)) ?? "ready";
};

const hourMs = 3_600_000;
const outcomeOfClock = (scan: ModelScan, receivedAtMs: number): { atMs: number; flags: string[] } => {
  const scannedAtMs = new Date(scan.scannedAt).getTime();
  if (scannedAtMs - receivedAtMs > 5_000) return { atMs: receivedAtMs, flags: ["future_scan"] };
  return { atMs: scannedAtMs, flags: receivedAtMs - scannedAtMs > 72 * hourMs ? ["backdated"] : [] };
};

const codeAmong = (flags: readonly string[]): string | undefined =>
  ["late_history_only", "future_scan", "backdated", "contract_unknown", "other_contract"].find((code) =>
    flags.includes(code),
  );

/** What a scan that changes the status is called in the log. */
const eventNames: Readonly<Record<ScanType, string>> = {
  rental: "item.rented.v1",
  stage: "item.staged.v1",
  delivery: "item.delivered.v1",
  return: "item.returned.v1",
  pickup: "item.returned.v1",
  service: "item.serviced.v1",
  touch: "item.found.v1",
  count: "item.found.v1",
};
const sighting = "item.sighted.v1";

/** A scan that was already applied is told in the timeline. Of how the thing looks it tells only what nobody would know otherwise. */
const tellsMore = (scan: ModelScan, item: ModelItem): boolean =>
  Object.values(scan.condition ?? {}).filter((found) => found !== null).length > 0 ||
  (scan.quality !== undefined && scan.quality !== item.quality) ||
  scan.technician !== undefined ||
  (scan.done !== undefined && scan.done.length !== 0) ||
  (item.contract !== null && scan.contract !== undefined && scan.contract !== item.contract);

/** A tag as a person would read the rule: trimmed, hex in capitals, 1 to 64 printable characters. */
const readTag = (raw: string): string | undefined => {
  const tag = raw.trim();
  if (tag === "" || tag.length > 64 || /[\p{C}\p{Zl}\p{Zp}]/u.test(tag)) return undefined;
  return /^[\da-f]+$/i.test(tag) ? tag.toUpperCase() : tag;
};

const byHand = ["ready", "inspect", "repair", "wash", "wet", "missing", "sold", "retired"];
const isOut = (status: string) => ["staged", "on_rent", "delivered"].includes(status);

const bodyOf = (act: ModelAct) => JSON.stringify(act.kind === "scan" ? act.scan : [act.kind, act.body]);

export class SiteModel {
  private order = 0;
  /** Contracts that something was scanned onto. */
  readonly contracts = new Set<string>();
  readonly items = new Map<string, ModelItem>();
  readonly receipts = new Map<string, { body: string; receipt: ModelReceipt }>();
  /** By tag: the id under which a scan began to wait, and the scan that will be decided. */
  readonly waiting = new Map<string, { id: string; act: Extract<ModelAct, { kind: "scan" }> }[]>();
  /** Refusals of another scan under a taken id, by that id and what the scan said. */
  readonly reused = new Map<string, ModelReceipt>();
  readonly later = new Map<string, ModelReceipt & { readonly scanId: string }>();
  /** Cells of the table by which a scan was decided. */
  readonly met = new Set<string>();

  act(act: ModelAct): ModelAnswer {
    this.order += 1;
    const body = bodyOf(act);
    const before = this.receipts.get(act.id);
    if (before?.body === body) return { ...before.receipt, replayed: true };
    if (before !== undefined) {
      if (act.kind !== "scan") return { fault: "id_reused" };
      const known = this.reused.get(`${act.id} ${body}`);
      if (known !== undefined) return { ...known, replayed: true };
      const receipt = this.reuse(act);
      this.reused.set(`${act.id} ${body}`, receipt);
      return { ...receipt, replayed: false };
    }
    const tag = readTag(act.kind === "scan" ? act.scan.tag : act.body.tag);
    const receipt = this.decide(act, tag);
    if ("fault" in receipt) return receipt;
    this.receipts.set(act.id, { body, receipt });
    if (act.kind === "create" && tag !== undefined) this.release(tag);
    return { ...receipt, replayed: false };
  }

  /** Two scans under one id: the second is refused, and stands in its tag's timeline. */
  private reuse({ scan, receivedAtMs, reader }: Extract<ModelAct, { kind: "scan" }>): ModelReceipt {
    const { flags } = outcomeOfClock(scan, receivedAtMs);
    const item = this.items.get(readTag(scan.tag) ?? "");
    if (item !== undefined) return this.answer("rejected", item, sighting, flags, "id_reused");
    const event = reader === undefined ? { event: "scan.refused.v1" } : {};
    return { outcome: "rejected", code: "id_reused", flags, ...event };
  }

  /** Whether this very act has a receipt. */
  answered(act: ModelAct): boolean {
    return this.receipts.get(act.id)?.body === bodyOf(act);
  }

  private decide(act: ModelAct, tag: string | undefined): ModelReceipt | { fault: string } {
    if (tag === undefined) {
      if (act.kind !== "scan") return { fault: "tag_malformed" };
      const { flags } = outcomeOfClock(act.scan, act.receivedAtMs);
      // What a reader reports so is not worth an event; what a person scanned is kept.
      const event = act.reader === undefined ? { event: "scan.refused.v1" } : {};
      return { outcome: "rejected", code: "tag_malformed", flags, ...event };
    }
    const item = this.items.get(tag);
    if (act.kind === "create") return this.create(act, tag);
    if (act.kind === "patch") return item === undefined ? { fault: "tag_unknown" } : this.patch(act, item);
    return item === undefined ? this.wait(act, tag) : this.scan(act, item, []);
  }

  private create(act: Extract<ModelAct, { kind: "create" }>, tag: string): ModelReceipt | { fault: string } {
    if (this.items.has(tag)) return { fault: "item_exists" };
    const status = act.body.status ?? "ready";
    if (![...byHand, "provisioned"].includes(status)) return { fault: "transition_refused" };
    const never = Number.NEGATIVE_INFINITY;
    const { place = null, quality = null } = act.body;
    this.items.set(tag, {
      ...{ status, contract: null, place, quality, notes: null, version: 1, factAtMs: never, seen: null },
      ...{ found: new Set<string>(), work: null, stands: new Map(), trail: [] },
      placeAtMs: place === null ? never : act.receivedAtMs,
      qualityAtMs: quality === null ? never : act.receivedAtMs,
    });
    return { outcome: "accepted", flags: [], event: "item.created.v1", item: { status, version: 1 } };
  }

  private patch(
    { body, receivedAtMs }: Extract<ModelAct, { kind: "patch" }>,
    item: ModelItem,
  ): ModelReceipt | { fault: string } {
    if (body.version !== null && body.version !== item.version) return { fault: "version_stale" };
    const { status, ...rest } = body.patch;
    if (status !== undefined && !byHand.includes(status))
      return this.answer("rejected", item, undefined, [], "transition_refused");
    const changes = (name: "place" | "quality" | "notes") =>
      rest[name] !== undefined && rest[name] !== item[name];
    const moves = status !== undefined && status !== item.status;
    if (!changes("place") && !changes("quality") && !changes("notes") && !moves)
      return this.answer("already_applied", item, undefined, []);
    const flags = moves && ["on_rent", "delivered"].includes(item.status) ? ["return_not_recorded"] : [];
    // What a person says is the newest word, also against a clock that runs ahead.
    if (changes("place")) item.placeAtMs = Math.max(item.placeAtMs, receivedAtMs);
    if (changes("quality")) item.qualityAtMs = Math.max(item.qualityAtMs, receivedAtMs);
    Object.assign(item, rest, { version: item.version + 1 });
    if (moves) this.leave(item, null, { isReturn: false, atMs: receivedAtMs });
    if (moves) item.trail.push({ atMs: receivedAtMs, what: "here", number: null });
    if (moves)
      Object.assign(item, { status, contract: null, factAtMs: Math.max(item.factAtMs, receivedAtMs) });
    if (moves && status === "ready") item.found = new Set();
    return this.answer("accepted", item, "item.edited.v1", flags);
  }

  /** Of what a reader hears of a stray tag at one place, only the newest waits. */
  private wait(act: Extract<ModelAct, { kind: "scan" }>, tag: string): ModelReceipt {
    const others = this.waiting.get(tag) ?? [];
    const clock = outcomeOfClock(act.scan, act.receivedAtMs);
    const receipt = { outcome: "quarantined", code: "tag_unknown", flags: clock.flags };
    const same = others.find(
      ({ act: one }) =>
        act.reader !== undefined &&
        one.reader === act.reader &&
        act.scan.type === "touch" &&
        one.scan.type === "touch" &&
        one.scan.place === act.scan.place,
    );
    if (same === undefined) {
      this.waiting.set(tag, [...others, { id: act.id, act }]);
      return { ...receipt, event: "scan.quarantined.v1" };
    }
    if (clock.atMs >= outcomeOfClock(same.act.scan, same.act.receivedAtMs).atMs) same.act = act;
    return receipt;
  }

  private release(tag: string) {
    const atMs = ({ scan, receivedAtMs }: Extract<ModelAct, { kind: "scan" }>) =>
      outcomeOfClock(scan, receivedAtMs).atMs;
    const waited = (this.waiting.get(tag) ?? []).toSorted((a, b) => atMs(a.act) - atMs(b.act));
    this.waiting.delete(tag);
    const item = this.items.get(tag);
    if (item === undefined) return;
    for (const { id, act } of waited) {
      const later = { ...this.scan(act, item, ["from_quarantine"]), scanId: act.id };
      this.later.set(id, later);
      this.later.set(act.id, later);
    }
  }

  private answer(
    outcome: string,
    item: ModelItem,
    event: string | undefined,
    flags: readonly string[],
    code?: string,
  ): ModelReceipt {
    return { outcome, code, flags, event, item: { status: item.status, version: item.version } };
  }

  private scan(
    act: Extract<ModelAct, { kind: "scan" }>,
    item: ModelItem,
    extra: readonly string[],
  ): ModelReceipt {
    const was = item.contract;
    const receipt = this.judge(act, item, extra);
    const { type, contract = null } = act.scan;
    if (receipt.outcome === "rejected") return receipt;
    const { atMs } = outcomeOfClock(act.scan, act.receivedAtMs);
    if (type === "return" || type === "pickup") item.trail.push({ atMs, what: "back", number: contract });
    if (type === "service") item.trail.push({ atMs, what: "here", number: null });
    // What had arrived already did so where it is, whatever else was said of that.
    const number = receipt.outcome === "already_applied" ? (was ?? contract) : contract;
    if ((type === "rental" || type === "delivery") && number !== null)
      item.trail.push({ atMs, what: "out", number });
    return receipt;
  }

  private judge(
    act: Extract<ModelAct, { kind: "scan" }>,
    item: ModelItem,
    extra: readonly string[],
  ): ModelReceipt {
    const { scan, receivedAtMs } = act;
    const clock = outcomeOfClock(scan, receivedAtMs);
    const odd = [...clock.flags, ...extra];
    if (clock.atMs < item.factAtMs) {
      // Nobody knew of it when the thing was sold.
      const isNews = item.status === "sold" && (item.seen === null || clock.atMs >= item.seen.atMs);
      const missed = this.settleLate(scan, item, clock.atMs);
      const flags = [...odd, "late_history_only", ...(isNews ? ["scanned_before_sale"] : []), ...missed];
      return this.answer("accepted", item, sighting, flags, codeAmong(flags));
    }
    const refuse = (code: string) => this.answer("rejected", item, sighting, odd, code);
    if (["rental", "stage", "delivery"].includes(scan.type) && scan.contract === undefined)
      return refuse("contract_required");
    if (scan.type === "service" && scan.status === undefined) return refuse("status_required");

    this.met.add(`${item.status} ${scan.type}`);
    const [verb, ...words] = (table[scan.type][column[item.status] ?? -1] ?? "").split(" ");
    const same = scan.contract === item.contract;
    const already = () => {
      const settles = this.settles(scan, item, clock.atMs);
      const more = tellsMore(scan, item) || settles;
      const grades = more && scan.quality !== undefined && clock.atMs >= item.qualityAtMs;
      if (grades) Object.assign(item, { quality: scan.quality, qualityAtMs: clock.atMs });
      const looks = more && !isOut(item.status) && this.find(scan, item);
      // It is so at this instant too, unless it is said of another contract.
      const isConfirmed = (item.contract === null || same) && clock.atMs !== item.factAtMs;
      if (isConfirmed) item.factAtMs = clock.atMs;
      if (this.see(act, item, clock.atMs) || grades || looks || isConfirmed) item.version += 1;
      return this.answer("already_applied", item, sighting, odd);
    };
    const move = (to: string, flags: readonly string[]) => {
      const all = [...flags, ...this.oddReturn(scan, item), ...odd];
      this.settles(scan, item, clock.atMs);
      return this.move(act, item, { to, flags: all, atMs: clock.atMs });
    };
    const [target = "", ...flags] = words;
    switch (verb) {
      case "refused":
        return refuse("transition_refused");
      case "already":
        return already();
      case "seen": {
        const grades = tellsMore(scan, item) && scan.quality !== undefined && clock.atMs >= item.qualityAtMs;
        if (grades) Object.assign(item, { quality: scan.quality, qualityAtMs: clock.atMs });
        const looks = !isOut(item.status) && this.find(scan, item);
        if (this.see(act, item, clock.atMs) || grades || looks) item.version += 1;
        return this.answer("accepted", item, sighting, [...words, ...odd], codeAmong(odd));
      }
      case "same":
        return same ? already() : move(target, flags);
      case "arrive":
        return item.status === "delivered"
          ? already()
          : move("delivered", same ? [] : ["return_not_recorded"]);
      case "change":
        return scan.status === item.status ? already() : move(scan.status ?? "", []);
      case "force":
        if (scan.force !== true) return refuse("transition_refused");
        return (scan.reason ?? "").trim() === "" ? refuse("transition_refused") : move(target, ["forced"]);
      case "to":
        if (target === "condition") return move(afterReturn(scan.condition), flags);
        return move(target === "status" ? (scan.status ?? "") : target, flags);
      default:
        throw new Error(`the table has no answer for ${scan.type} of ${item.status}`);
    }
  }

  private stand(item: ModelItem, contract: string, { state, atMs }: { state: string; atMs: number }) {
    const before = item.stands.get(contract);
    if (before?.state === state && state !== "returned") return;
    const outAtMs = before?.outAtMs ?? (state === "staged" ? undefined : atMs);
    item.stands.set(contract, { state, outAtMs, order: this.order });
  }

  /** What becomes of the contract that an item is on, when it is on another or on none. */
  private leave(item: ModelItem, to: string | null, { isReturn, atMs }: { isReturn: boolean; atMs: number }) {
    const { contract, status } = item;
    if (contract === null || contract === to) return;
    if (status !== "staged") {
      this.stand(item, contract, { state: isReturn ? "returned" : "not_recorded", atMs });
      return;
    }
    if (item.stands.get(contract)?.outAtMs === undefined) item.stands.delete(contract);
    else this.stand(item, contract, { state: "returned", atMs });
  }

  /** A return settles a contract that the item left without one, when it names it. Says whether it did. */
  private settles({ type, contract }: ModelScan, item: ModelItem, atMs: number): boolean {
    if (!["return", "pickup"].includes(type) || contract === undefined || contract === item.contract)
      return false;
    if (item.stands.get(contract)?.state !== "not_recorded") return false;
    this.stand(item, contract, { state: "returned", atMs });
    return true;
  }

  /**
   * Goes over the trail of a thing as if a rental had been told when it was made: how that ended, whether a return was missed before or
   * after it, and which contract the thing was still out on by then.
   */
  private retrace(item: ModelItem, number: string, atMs: number) {
    let out: string | null = null;
    let wasOut: string | null = null;
    let end: "returned" | "not_recorded" | undefined;
    let isMissed = false;
    let isOldNews = false;
    let goesAgain = false;
    let goesNext = false;
    let next: string | undefined;
    const late = { atMs, what: "late", number } as const;
    for (const step of [...item.trail, late].toSorted((a, b) => a.atMs - b.atMs)) {
      if (step.what === "late") {
        isOldNews = out === number;
        wasOut = out;
        out = number;
        continue;
      }
      const isAfter = step.atMs > atMs;
      const isThere = isAfter && step.what === "out" && step.number === number;
      if (isThere && next === undefined) goesNext = true;
      if (isThere) goesAgain = true;
      if (isAfter) next ??= step.what;
      if (isAfter && end === undefined) {
        end = step.what === "back" ? "returned" : "not_recorded";
        isMissed = step.what !== "back";
      }
      // Somebody with its paper in hand says that it is back, however late.
      if (isAfter && !goesAgain && step.what === "back" && step.number === number) end = "returned";
      out = step.what === "out" ? step.number : null;
    }
    return {
      end: end ?? "not_recorded",
      isMissed: isMissed || end === undefined || wasOut !== null,
      ...{ wasOut, isOldNews, goesNext, goesAgain },
    };
  }

  /** What a thing did after an instant, and whether that took it out to a contract. */
  private since({ trail }: ModelItem, atMs: number, number: string) {
    const after = trail.filter((step) => step.atMs > atMs).toSorted((a, b) => a.atMs - b.atMs);
    return after.map(({ what, number: own }) => ({ what, own, goes: what === "out" && own === number }));
  }

  /** Ends a time that a thing was out: another one there since has said already how it stands, or that it is out. */
  private endThen(item: ModelItem, number: string, { atMs, state }: { atMs: number; state: string }) {
    const known = item.stands.get(number);
    const after = this.since(item, atMs, number);
    const isThere = item.contract === number;
    if (known === undefined || (isThere && after.length === 0)) return;
    // Where it was only set aside since, nothing has said yet when it went out.
    let outAtMs: number | undefined;
    for (const step of item.trail.toSorted((a, b) => a.atMs - b.atMs)) {
      if (step.atMs > atMs) break;
      outAtMs = step.what === "out" && step.number === number ? (outAtMs ?? step.atMs) : undefined;
    }
    const stays = isThere || after.some(({ goes }) => goes);
    item.stands.set(number, {
      ...{ state: stays ? known.state : state, outAtMs: known.outAtMs ?? outAtMs },
      order: this.order,
    });
  }

  /** Whether a return was taken for the end of a contract that the thing had left for another by then. */
  private wasTaken(item: ModelItem, number: string, atMs: number): boolean {
    const after = this.since(item, atMs, number);
    const again = after.findIndex(({ goes }) => goes);
    const own = again === -1 ? after : after.slice(0, again);
    if (own.some((step) => step.what === "back" && step.own === number)) return false;
    if (again === -1 && item.contract !== number) return item.stands.get(number)?.state === "returned";
    return own.length === 0 || own[0]?.what === "back";
  }

  /** What comes too late still says that the item went out there once, or that it came back from the last it is owed by. */
  private settleLate({ type, contract }: ModelScan, item: ModelItem, atMs: number): string[] {
    if (["rental", "delivery"].includes(type) && contract !== undefined) {
      this.contracts.add(contract);
      const known = item.stands.get(contract);
      const way = this.retrace(item, contract, atMs);
      const { end, isMissed, wasOut, isOldNews, goesNext, goesAgain } = way;
      const isThereNow = contract === item.contract;
      if (isOldNews || (isThereNow && !item.trail.some((step) => step.atMs > atMs))) return [];
      const outAtMs = Math.min(atMs, known?.outAtMs ?? atMs);
      if (goesNext) {
        // It went there earlier than anybody knew; of what is only set aside there that is told with what ended it.
        const isTold =
          known?.state !== "staged" || this.since(item, atMs, contract).some(({ goes }) => !goes);
        if (known !== undefined)
          item.stands.set(contract, { ...known, order: this.order, ...(isTold ? { outAtMs } : {}) });
        return [];
      }
      // A later time there has said already how it ended, or that it has not.
      const state = known !== undefined && (goesAgain || isThereNow) ? known.state : end;
      item.stands.set(contract, { state, outAtMs, order: this.order });
      // The return that it was thought to have come back by was of the other one.
      if (wasOut !== null && this.wasTaken(item, wasOut, atMs))
        this.endThen(item, wasOut, { atMs, state: "not_recorded" });
      return isMissed ? ["return_not_recorded"] : [];
    }
    if (!["return", "pickup"].includes(type)) return [];
    const named = contract === undefined ? undefined : item.stands.get(contract);
    const before = item.trail.toSorted((a, b) => a.atMs - b.atMs).findLast((step) => step.atMs <= atMs);
    if (before?.what === "out" && before.number !== null && (!named || before.number === contract)) {
      this.endThen(item, before.number, { atMs, state: "returned" });
      return [];
    }
    // What had come back already did so once.
    const open = before?.what === "back" ? [] : [...item.stands];
    const all = named === undefined ? open : [[contract ?? "", named] as const];
    const owed = all
      .filter(([, { state, outAtMs = 0 }]) => state === "not_recorded" && outAtMs <= atMs)
      .toSorted(([, a], [, b]) => (b.outAtMs ?? 0) - (a.outAtMs ?? 0) || b.order - a.order)[0];
    if (owed !== undefined) this.stand(item, owed[0], { state: "returned", atMs });
    return [];
  }

  /** A return ends the open rental, whatever it names; that it names another contract is flagged. */
  private oddReturn({ type, contract }: ModelScan, item: ModelItem): string[] {
    if (!["return", "pickup"].includes(type) || contract === undefined || contract === item.contract)
      return [];
    if (!this.contracts.has(contract)) return ["contract_unknown"];
    return item.contract === null ? [] : ["other_contract"];
  }

  private move(
    act: Extract<ModelAct, { kind: "scan" }>,
    item: ModelItem,
    { to, flags, atMs }: { to: string; flags: readonly string[]; atMs: number },
  ): ModelReceipt {
    this.work(act, item, to);
    const contract = isOut(to) ? (act.scan.contract ?? item.contract) : null;
    this.leave(item, contract, { isReturn: ["return", "pickup"].includes(act.scan.type), atMs });
    Object.assign(item, { status: to, contract });
    if (contract !== null) {
      this.contracts.add(contract);
      this.stand(item, contract, { state: to === "staged" ? "staged" : "out", atMs });
    }
    if (act.scan.quality !== undefined && atMs >= item.qualityAtMs)
      Object.assign(item, { quality: act.scan.quality, qualityAtMs: atMs });
    item.factAtMs = atMs;
    this.see(act, item, atMs);
    item.version += 1;
    return this.answer("accepted", item, eventNames[act.scan.type], flags, codeAmong(flags));
  }

  /** What is found stays until the item is ready or out; who made it ready by a service scan is remembered, with what that mended. */
  private work({ scan, reader }: Extract<ModelAct, { kind: "scan" }>, item: ModelItem, to: string) {
    const waited = ["inspect", "repair", "wash", "wet"].includes(item.status);
    const isSaid = scan.technician !== undefined || (scan.done ?? []).length > 0;
    if (scan.type === "service" && to === "ready" && (waited || isSaid)) {
      const who = scan.technician ?? (reader === undefined ? "model" : null);
      item.work = { who, did: scan.done ?? [], from: item.status, mended: item.found, scan: scan.id };
    }
    if (to === "ready" || isOut(to)) {
      item.found = new Set();
      // What was set aside or missing is ready whatever is found on it.
      if (to === "ready" && scan.type !== "service") this.find(scan, item);
      return;
    }
    this.find(scan, item);
  }

  /** What a look says is there or is not. Says whether it said anything. */
  private find(scan: ModelScan, item: ModelItem): boolean {
    const found = new Set(item.found);
    const said = Object.entries(scan.condition ?? {}).filter(([, value]) => value !== null);
    for (const [flag, value] of said) {
      const isThere = typeof value === "string" ? value.trim() !== "" : value;
      if (isThere) found.add(flag);
      else found.delete(flag);
    }
    item.found = found;
    return said.length > 0;
  }

  /** Where it is and when it was last seen move forward in time only. Says whether anything did. */
  private see({ scan }: Extract<ModelAct, { kind: "scan" }>, item: ModelItem, atMs: number): boolean {
    const { place = null } = scan;
    const placed = place !== null && atMs >= item.placeAtMs;
    const isNews = placed && (place !== item.place || atMs > item.placeAtMs);
    if (placed) Object.assign(item, { place, placeAtMs: atMs });
    const isLast = item.seen === null || atMs >= item.seen.atMs;
    if (isLast) item.seen = { atMs, id: scan.id, type: scan.type, place };
    return isLast || isNews;
  }
}
