import type { Random } from "../random.ts";
import type { ContractAct, ScanSessionAct, WarehouseAct } from "./acts.ts";
import type { ItemClass } from "./classes.ts";
import type { ContractLine, WarehouseContract } from "./contracts.ts";
import type { DeskAct } from "./desk-acts.ts";
import type { OfficeAct } from "./office.ts";
import { Planned } from "./planned.ts";
import { drawId } from "./quantities.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * The workflows are those of the real house (manual contracts when the point of sale lags, laundry that is reactivated, contracts that
 * change after they are stated); nobody counted them there. They are rare, and each has to happen in a month.
 */
const chances = {
  manual: 0.06,
  manualIsStated: 0.5,
  amended: 0.12,
  reopened: 0.08,
  reactivated: 0.25,
} as const;

/** Shorter than any goods are out, so that the number is there before the contract is over. */
const lagMs = { least: 2 * hourMs, most: 30 * hourMs } as const;
const moreMax = 4;

type Paperwork = DeskAct | ContractAct | Extract<OfficeAct, { kind: "laundry-sent" | "laundry-back" }>;

/** What happens to contracts as papers: before the office has their number, and after they were stated. */
export class Paper {
  readonly #random: Random;
  readonly #classes: readonly ItemClass[];
  readonly #planned = new Planned<Paperwork>();
  /** By the number that a contract is going to have, what the floor calls it until then. */
  readonly #written = new Map<string, { readonly number: string; readonly untilMs: number }>();

  constructor(random: Random, classes: readonly ItemClass[]) {
    this.#random = random;
    this.#classes = classes;
  }

  due(toMs: number): readonly Paperwork[] {
    return this.#planned.due(toMs);
  }

  /** What comes of an act of the house with its papers as they are. */
  hear(act: WarehouseAct): readonly WarehouseAct[] {
    switch (act.kind) {
      case "scan-session":
        return [this.#asWritten(act)];
      case "contract-opened":
        return this.#opened(act);
      case "contract-closed":
        this.#closed(act);
        return [act];
    }
  }

  #id(atMs: number): string {
    return drawId(this.#random, atMs);
  }

  #after(atMs: number, fromMs: number, toMs: number): number {
    return atMs + this.#random.whole(fromMs, toMs);
  }

  #opened(act: ContractAct): readonly ContractAct[] {
    const { contract, atMs } = act;
    if (contract.kind === "laundry") this.#laundry(contract);
    if (contract.kind === "rental" && this.#random.chance(chances.manual)) return this.#byHand(act);
    if (this.#random.chance(chances.amended)) this.#amend(contract, atMs);
    return [act];
  }

  #byHand({ contract, atMs }: ContractAct): readonly ContractAct[] {
    const number = `M-${Math.floor(atMs)}`;
    const statedMs = this.#after(atMs, lagMs.least, lagMs.most);
    const mergedMs = this.#after(statedMs, minuteMs, hourMs);
    this.#written.set(contract.number, { number, untilMs: statedMs });
    this.#planned.add({ kind: "contract-opened", atMs: statedMs, contract });
    this.#planned.add({
      ...{ kind: "contract-merged", atMs: mergedMs, id: this.#id(mergedMs) },
      ...{ contract: number, into: contract.number },
    });
    // Often nobody states it: the first scan does.
    if (!this.#random.chance(chances.manualIsStated)) return [];
    return [{ kind: "contract-opened", atMs, contract: { ...contract, number, kind: "manual", lines: [] } }];
  }

  #asWritten(act: ScanSessionAct): ScanSessionAct {
    const numberOf = (number: string | null): string | null => {
      const written = number === null ? undefined : this.#written.get(number);
      return written === undefined || act.happenedAtMs >= written.untilMs ? number : written.number;
    };
    const contract = numberOf(act.session.contract);
    if (contract === act.session.contract) return act;
    const scans = act.scans.map((scan) => ({ ...scan, contract: numberOf(scan.contract) }));
    return { ...act, session: { ...act.session, contract }, scans };
  }

  /** A line more, or more of one; and half of them stay out for longer. */
  #amend({ number, lines, dueAtMs }: WarehouseContract, openedMs: number): void {
    const random = this.#random;
    const atMs = this.#after(openedMs, hourMs, dayMs);
    const grown = random.whole(0, lines.length);
    const more = random.whole(1, moreMax);
    const added: readonly ContractLine[] =
      grown < lines.length ? [] : [{ class: random.pick(this.#classes).id, quantity: more }];
    this.#planned.add({
      ...{ kind: "contract-amended", atMs, id: this.#id(atMs), contract: number },
      lines: [
        ...lines.map((line, index) => (index === grown ? { ...line, quantity: line.quantity + more } : line)),
        ...added.filter((one) => lines.every((line) => line.class !== one.class)),
      ],
      dueAtMs: random.chance(0.5) ? dueAtMs : dueAtMs + dayMs,
    });
  }

  #closed({ contract, atMs }: ContractAct): void {
    if (!this.#random.chance(chances.reopened)) return;
    const reopenedMs = this.#after(atMs, hourMs, dayMs);
    this.#planned.add({
      ...{ kind: "contract-reopened", atMs: reopenedMs },
      ...{ id: this.#id(reopenedMs), contract: contract.number },
    });
    this.#planned.add({
      kind: "contract-closed",
      atMs: this.#after(reopenedMs, hourMs, 2 * dayMs),
      contract,
    });
  }

  /** The cleaner has it once more, since something was forgotten. */
  #laundry({ number: contract, dueAtMs }: WarehouseContract): void {
    if (!this.#random.chance(chances.reactivated)) return;
    const againMs = this.#after(dueAtMs, minuteMs, 10 * hourMs);
    const sentMs = this.#after(againMs, minuteMs, 5 * hourMs);
    const backMs = this.#after(sentMs, 10 * hourMs, 2 * dayMs);
    this.#planned.add({ kind: "laundry-reactivated", atMs: againMs, id: this.#id(againMs), contract });
    this.#planned.add({ kind: "laundry-sent", atMs: sentMs, id: this.#id(sentMs), contract });
    this.#planned.add({ kind: "laundry-back", atMs: backMs, id: this.#id(backMs), contract });
  }
}
