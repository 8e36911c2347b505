import type { Random } from "../random.ts";
import type { ContractAct, ScanFlaw, WarehouseScan } from "./acts.ts";
import type { ItemClass } from "./classes.ts";
import { drawCondition, statusAfter } from "./condition.ts";
import { ContractBook, type ContractWish, drawLines } from "./contracts.ts";
import { type Floor, type FloorItem, type OpenContract, stillWanted } from "./floor.ts";
import type { Pace } from "./pace.ts";
import { loose, packed, type Whole } from "./packs.ts";
import { dockIn, dockOut, drawShelf, whereaboutsOf } from "./places.ts";
import { drawCount, drawSome, type LongTail } from "./quantities.ts";
import type { TrueSession } from "./uploads.ts";

/**
 * Real rental sessions have a median of 4, a 90th percentile of 16 and at most 180 scans; all sessions 4, 18 and 92 at the
 * 99th. What is meant is larger than what comes of it, since a contract or a shelf may hold less.
 */
const rentalSize: LongTail = { median: 8, p90: 36, min: 1, max: 180 };
const sessionSize: LongTail = { median: 5, p90: 24, min: 1, max: 300 };
const countSize: LongTail = { median: 4.5, p90: 28, min: 1, max: 300 };

/** Once in a while somebody walks through the house with the reader on: four times, the largest found 4,262 of 12,477 items. */
const sweepShare = 0.005;
const sweptShareMax = 4_262 / 12_477;
const sweptShareMin = sweptShareMax / 4;

/** Until the same goods are scanned in once more, at the mean, in ms at speed 1. */
const secondReturnMs = 60_000;

/** Of 6,850 rentals 1,905 were never returned by a scan; of 2,885 returns 339 came twice. */
const unseenReturnShare = 1_905 / 6_850;
const secondReturnShare = 339 / (2_885 - 339);
const laundryShare = 0.15;

type Kind = "open" | "rental" | "return" | "touch" | "inspect" | "service" | "delivery";

const kindWeights: readonly (readonly [Kind, number])[] = [
  ["open", 12],
  ["rental", 38],
  ["return", 22],
  ["touch", 22],
  ["inspect", 3],
  ["service", 4],
  ["delivery", 1],
];

export type Passage = { readonly place: string; readonly atMs: number; readonly items: readonly FloorItem[] };

/** What the day brings at one instant. */
export type Happening = {
  readonly sessions: readonly TrueSession[];
  readonly contracts: readonly ContractAct[];
  /** Goods that go through a dock while it happens. */
  readonly passage: Passage | undefined;
};

type ScanSketch = Omit<WarehouseScan, "id" | "scannedAtMs">;

export type DaySetting = {
  readonly startMs: number;
  readonly speed: number;
  readonly pace: Pace;
  readonly classes: readonly ItemClass[];
  /** See `WarehouseOptions`. */
  readonly packShare: number;
};

/** The day, one happening after the other. Everything is drawn from one stream, so the order is always the same. */
export class Day {
  readonly #random: Random;
  readonly #floor: Floor;
  readonly #book: ContractBook;
  readonly #speed: number;
  readonly #pace: Pace;
  readonly #linen: ReadonlySet<string>;
  readonly #whole: Whole;
  #nextMs: number;
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(random: Random, floor: Floor, setting: DaySetting) {
    this.#linen = new Set(setting.classes.filter(({ crew }) => crew === "linen").map(({ id }) => id));
    this.#whole =
      setting.packShare > 0 ? packed(random.fork("packs"), floor.items, setting.packShare) : loose;
    this.#random = random;
    this.#floor = floor;
    this.#speed = setting.speed;
    this.#pace = setting.pace;
    this.#book = new ContractBook(random.fork("contracts"), setting.startMs);
    this.#nextMs = this.#pace.nextMs(random, setting.startMs);
  }

  /** When the next happening is, Unix ms. */
  get nextMs(): number {
    return this.#nextMs;
  }

  next(): Happening {
    const atMs = this.#nextMs;
    this.#nextMs = this.#pace.nextMs(this.#random, atMs);
    const closed = this.#closeOverdue(atMs);
    const happening = this.#happen(this.#kind(), atMs);
    return { ...happening, contracts: [...closed, ...happening.contracts] };
  }

  /** Opens a contract that the goods already out belong to, under its number if it has one; for how the day begins. */
  openFor(items: readonly FloorItem[], atMs: number, number?: string): OpenContract {
    const classes = new Map<string, number>();
    for (const { item } of items) classes.set(item.class, (classes.get(item.class) ?? 0) + 1);
    const lines = [...classes].map(([id, quantity]) => ({ class: id, quantity }));
    const kind = number?.startsWith("L") === true ? "laundry" : "rental";
    const outAtMs = atMs - this.#span(this.#pace.contractSpanMs / 2);
    const open = this.#register({ kind, lines, outAtMs, ...(number === undefined ? {} : { number }) });
    open.wanted.clear();
    for (const item of items) {
      item.contract = open.contract.number;
      open.out.add(item);
    }
    return open;
  }

  #span(meanMs: number): number {
    return meanMs * (0.5 + this.#random.share());
  }

  #kind(): Kind {
    return this.#floor.open.size < this.#pace.openContractsWanted / 2
      ? "open"
      : this.#random.weighted(kindWeights);
  }

  #happen(kind: Kind, atMs: number): Happening {
    switch (kind) {
      case "open":
        return this.#openContract(atMs);
      case "rental":
        return this.#rental(atMs);
      case "return":
        return this.#return(atMs);
      case "inspect":
        return this.#inspect(atMs);
      case "service":
        return this.#service(atMs);
      case "delivery":
        return this.#delivery(atMs);
      case "touch":
        return this.#touch(atMs);
    }
  }

  #register(wish: Omit<ContractWish, "dueAtMs">): OpenContract {
    const { kind, lines, outAtMs } = wish;
    const contract = this.#book.open({ ...wish, dueAtMs: outAtMs + this.#span(this.#pace.contractSpanMs) });
    const open: OpenContract = {
      contract,
      wanted: new Map(lines.map((line) => [line.class, line.quantity])),
      out: new Set(),
      comesBackUnseen: kind === "rental" && this.#random.chance(unseenReturnShare),
    };
    this.#floor.open.set(contract.number, open);
    return open;
  }

  #openContract(atMs: number): Happening {
    const isLaundry = this.#random.chance(laundryShare);
    const ready = this.#floor.ready(isLaundry ? this.#linen : undefined);
    if (ready.length === 0 || this.#floor.open.size >= this.#pace.openContractsWanted)
      return this.#touch(atMs);
    const classes = [...new Set(ready.map(({ item }) => item.class))];
    const lines = drawLines(this.#random, classes, Math.min(this.#book.size(), ready.length));
    const { contract } = this.#register({
      kind: isLaundry ? "laundry" : "rental",
      lines,
      outAtMs: atMs,
    });
    return { sessions: [], contracts: [{ kind: "contract-opened", atMs, contract }], passage: undefined };
  }

  #rental(atMs: number): Happening {
    const waiting = [...this.#floor.open.values()].filter((open) => stillWanted(open) > 0);
    if (waiting.length === 0) return this.#openContract(atMs);
    const open = this.#random.pick(waiting);
    const size = drawCount(this.#random, rentalSize);
    const wanted: FloorItem[] = [];
    for (const [id, quantity] of open.wanted) {
      wanted.push(
        ...drawSome(this.#random, this.#floor.ready(new Set([id])), Math.min(quantity, size - wanted.length)),
      );
    }
    const items = this.#whole(wanted, ({ status }) => status === "ready");
    if (items.length === 0) {
      // Nothing of what was promised is there any more: the office strikes it.
      open.wanted.clear();
      return this.#touch(atMs);
    }
    for (const item of items) this.#floor.goOut(item, open, atMs);
    const { number, kind } = open.contract;
    const mode = kind === "laundry" ? "laundry" : "checkout";
    const scans = items.map((item) => this.#sketch(item, "rental", { contract: number }));
    return this.#one(
      { atMs, mode, contract: number, place: dockOut, scans },
      { place: dockOut, atMs, items },
    );
  }

  #return(atMs: number): Happening {
    const out = [...this.#floor.open.values()].filter((open) => open.out.size > 0 && !open.comesBackUnseen);
    const [earliest] = out.toSorted((a, b) => a.contract.dueAtMs - b.contract.dueAtMs);
    if (earliest === undefined) return this.#touch(atMs);
    const isLaundry = earliest.contract.kind === "laundry";
    const some = drawSome(this.#random, [...earliest.out], drawCount(this.#random, sessionSize));
    const items = this.#whole(some, (item) => earliest.out.has(item));
    const place = drawShelf(this.#random);
    // Old scanners never sent the contract with a return; laundry pickups carry theirs.
    const contract = isLaundry ? earliest.contract.number : null;
    const scans = items.map((item) => {
      const condition = drawCondition(this.#random, isLaundry);
      this.#floor.comeBack(item, { status: statusAfter(condition), place, atMs });
      return this.#sketch(item, isLaundry ? "pickup" : "return", { contract, place, condition });
    });
    const mode = isLaundry ? "laundry" : "return";
    const session: TrueSession = { atMs, mode, contract, place: dockIn, scans };
    const happening = this.#one(session, { place: dockIn, atMs, items });
    if (isLaundry || !this.#random.chance(secondReturnShare)) return happening;
    const again = scans.map((scan) => ({ ...scan, flaws: [...scan.flaws, "returned_twice" as const] }));
    const later: TrueSession = {
      ...session,
      atMs: atMs + this.#span(secondReturnMs / this.#speed),
      scans: again,
    };
    return { ...happening, sessions: [session, later] };
  }

  #touch(atMs: number): Happening {
    const here = this.#floor.items.filter(
      ({ status }) => status !== "on_rent" && status !== "sold" && status !== "missing",
    );
    if (here.length === 0) return { sessions: [], contracts: [], passage: undefined };
    const mayBeSwept = atMs - this.#sweptAtMs >= this.#pace.sweepGapMs;
    if (mayBeSwept && this.#random.chance(sweepShare)) return this.#sweep(here, atMs);
    const bin = this.#floor.binAt(this.#random.pick(here), atMs);
    const same = here.filter((item) => this.#floor.binAt(item, atMs) === bin);
    const some = drawSome(this.#random, same, drawCount(this.#random, countSize));
    const items = this.#whole(some, (item) => same.includes(item));
    // Whoever counts what is kept for resale says no shelf.
    const { place } = whereaboutsOf(bin);
    const scans = items.map((item) => this.#sketch(item, "touch", { place }));
    return this.#one({ atMs, mode: "count", contract: null, place, scans });
  }

  #sweep(here: readonly FloorItem[], atMs: number): Happening {
    this.#sweptAtMs = atMs;
    const share = sweptShareMin + this.#random.share() * (sweptShareMax - sweptShareMin);
    const items = drawSome(this.#random, here, Math.round(share * this.#floor.items.length));
    const scans = items.map((item) => this.#sketch(item, "touch", {}));
    return this.#one({ atMs, mode: "count", contract: null, place: null, swept: true, scans });
  }

  /** Something looks wrong and goes to the service department. */
  #inspect(atMs: number): Happening {
    const items = drawSome(this.#random, this.#floor.ready(), this.#random.whole(1, 4));
    const scans = items.map((item) => {
      item.status = "inspect";
      return this.#sketch(item, "service", { status: "inspect" });
    });
    return scans.length === 0
      ? this.#touch(atMs)
      : this.#one({ atMs, mode: "service", contract: null, place: null, scans });
  }

  #service(atMs: number): Happening {
    const waiting = this.#floor.items.filter(({ status }) =>
      ["inspect", "repair", "wash", "wet"].includes(status),
    );
    if (waiting.length === 0) return this.#inspect(atMs);
    const items = drawSome(this.#random, waiting, drawCount(this.#random, sessionSize));
    const place = drawShelf(this.#random);
    const scans = items.map((item) => {
      const status = item.status === "inspect" && this.#random.chance(0.2) ? "repair" : "ready";
      item.status = status;
      if (status === "ready") this.#floor.move(item, place, atMs);
      return this.#sketch(item, "service", { status, place: status === "ready" ? place : null });
    });
    return this.#one({ atMs, mode: "service", contract: null, place, scans });
  }

  #delivery(atMs: number): Happening {
    const out = [...this.#floor.open.values()].filter(
      ({ contract, out: items }) => contract.kind === "rental" && items.size > 0,
    );
    if (out.length === 0) return this.#touch(atMs);
    const open = this.#random.pick(out);
    const { number } = open.contract;
    const onRent = [...open.out].filter(({ status }) => status === "on_rent");
    const items = drawSome(this.#random, onRent, drawCount(this.#random, sessionSize));
    if (items.length === 0) return this.#touch(atMs);
    const scans = items.map((item) => {
      item.status = "delivered";
      return this.#sketch(item, "delivery", { contract: number });
    });
    return this.#one({ atMs, mode: "checkout", contract: number, place: null, scans });
  }

  /** Contracts whose time is over and whose goods are back, or come back without a scan. */
  #closeOverdue(atMs: number): ContractAct[] {
    const closed: ContractAct[] = [];
    for (const [number, open] of this.#floor.open) {
      if (open.contract.dueAtMs > atMs) continue;
      if (open.comesBackUnseen) {
        for (const item of [...open.out]) {
          this.#floor.comeBack(item, { status: "ready", place: drawShelf(this.#random), atMs });
        }
      }
      if (open.out.size > 0) continue;
      this.#floor.open.delete(number);
      closed.push({ kind: "contract-closed", atMs, contract: open.contract });
    }
    return closed;
  }

  #sketch(
    { item }: FloorItem,
    type: WarehouseScan["type"],
    more: Partial<Pick<ScanSketch, "contract" | "place" | "condition" | "status">>,
  ): ScanSketch {
    const flaws: readonly ScanFlaw[] = [];
    const quality = this.#random.chance(0.3) ? item.quality : null;
    return {
      tag: item.tag,
      type,
      contract: null,
      place: null,
      quality,
      status: null,
      condition: null,
      ...more,
      flaws,
    };
  }

  #one(session: TrueSession, passage?: Passage): Happening {
    return { sessions: [session], contracts: [], passage };
  }
}
