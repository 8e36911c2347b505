import { createWarehouse, type ScanSessionAct, type Warehouse, type WarehouseAct } from "@tagwire/emulators";
import { ClassDefined, ContractClosed, ContractOpened, SessionBegun, SessionClosed } from "@tagwire/messages";
import { type SampleLog, sampleLog } from "./test-log.ts";
import { type SampleScan, scanItem } from "./test-prefetch.ts";
import { foundSite } from "./test-records.ts";

const dayMs = 86_400_000;
export const houseSite = "replay";

export type House = { readonly seed: string; readonly items: number; readonly packShare: number };

/** What happened in a warehouse, in the order in which it happened, and known at once: uploads that come late are another matter. */
export type HouseLog = {
  readonly log: SampleLog;
  /** The acts of some days, each told to `tell` once everything before it is in the log. */
  readonly days: (
    fromMs: number,
    toMs: number,
    tell: (act: ScanSessionAct) => Promise<void>,
  ) => Promise<void>;
  readonly begin: (act: ScanSessionAct) => void;
  /** Makes a scan of the session, and says when. */
  readonly scan: (act: ScanSessionAct, nth: number) => number;
  readonly end: (act: ScanSessionAct) => void;
};

/** A busy day's eight thousand scans become the hundred and thirty of an ordinary one. */
const speed = 1 / 60;
/** From one tag to the next with a scanner in the hand. */
const scanGapMs = 1_500;

const stock = (log: SampleLog, { items, classes, contracts }: Warehouse, startMs: number): void => {
  foundSite(log, "UTC");
  const isOut = (status: string) => status === "on_rent" || status === "delivered";
  for (const { tag, class: name, status } of items)
    log.happen({ kind: "create", tag, class: name, status: isOut(status) ? "ready" : status });
  for (const { id } of classes)
    log.write(ClassDefined.type, undefined, { class: id, set: { name: id, category: "Tables" } });
  for (const contract of contracts) office(log, { kind: "contract-opened", atMs: startMs, contract });
  const before = { device: "before", atMs: startMs };
  for (const { tag, place, contract } of items)
    scanItem(log, { tag, place, ...before }, contract === null ? "seen" : { onto: contract });
};

const office = (log: SampleLog, act: Exclude<WarehouseAct, ScanSessionAct>): void => {
  const { number, kind, client, outAtMs, dueAtMs, lines } = act.contract;
  const about = { contract: number, recordedAtMs: act.atMs, by: { person: "office" } };
  if (act.kind === "contract-closed") {
    log.write(ContractClosed.type, undefined, { state: "closed", was: "open", flags: [] }, about);
    return;
  }
  const dates = { outAt: new Date(outAtMs).toISOString(), dueAt: new Date(dueAtMs).toISOString() };
  log.write(ContractOpened.type, undefined, { kind, client, ...dates, lines }, about);
};

/** What a session expects, as the product has it: what is out where goods come back, and what stands where it is counted. */
const expectedIn = (
  log: SampleLog,
  { mode, contract, place }: ScanSessionAct["session"],
): string[] | null => {
  const isBack = mode === "return" && contract !== null;
  const isCount = mode === "count" && place !== null;
  if (!isBack && !isCount) return null;
  return [...log.items.values()]
    .filter((item) => (isBack ? item.contract === contract : item.place === place && item.contract === null))
    .map(({ tag }) => tag);
};

/** A warehouse of the emulators that has its log written as it lives. */
export const openHouse = ({ seed, items, packShare }: House, startMs: number): HouseLog => {
  const warehouse = createWarehouse({ seed, items, startMs, speed, packShare });
  const log = sampleLog({ site: houseSite, startMs: startMs - dayMs, stepMs: 1 });
  stock(log, warehouse, startMs);
  const whenOf = (act: WarehouseAct) => (act.kind === "scan-session" ? act.happenedAtMs : act.atMs);
  /** What comes days late happened before, so it is put where it belongs. */
  const all = (toMs: number) =>
    warehouse.nextActs(toMs + 5 * dayMs).toSorted((a, b) => whenOf(a) - whenOf(b));
  let acts: readonly WarehouseAct[] = [];
  return {
    log,
    days: async (fromMs, toMs, tell) => {
      acts = [...acts.filter((act) => whenOf(act) >= fromMs), ...all(toMs)].toSorted(
        (a, b) => whenOf(a) - whenOf(b),
      );
      for (const act of acts.filter((one) => whenOf(one) < toMs)) {
        if (act.kind !== "scan-session") office(log, act);
        else if (act.part.number === 1) await tell(act);
      }
    },
    begin: (act) => {
      const { device, session, happenedAtMs: atMs } = act;
      const { mode, contract, place } = session;
      log.write(
        SessionBegun.type,
        undefined,
        {
          ...{ mode, contract, place, class: null, begunAt: new Date(atMs).toISOString() },
          ...{ expected: expectedIn(log, session), expectedByClass: null },
        },
        { session: session.id, recordedAtMs: atMs, by: { device } },
      );
    },
    scan: ({ device, session, happenedAtMs, scans }, nth) => {
      const { tag = "", type, contract = null, place = null } = scans[nth] ?? {};
      const atMs = happenedAtMs + 1_000 + nth * scanGapMs;
      const scan: SampleScan = { tag, device, atMs, session: session.id, place };
      const isBack = type === "return" || type === "pickup";
      scanItem(
        log,
        scan,
        type === "rental" && contract !== null ? { onto: contract } : isBack ? "back" : "seen",
      );
      return atMs;
    },
    end: ({ device, session, happenedAtMs, scans }) => {
      const atMs = happenedAtMs + 2_000 + scans.length * scanGapMs;
      const told = { closedAt: new Date(atMs).toISOString(), declared: null, complete: null, duplicates: 0 };
      log.write(
        SessionClosed.type,
        undefined,
        { ...told, recorded: { count: 0, digest: "" } },
        { session: session.id, recordedAtMs: atMs, by: { device } },
      );
    },
  };
};
