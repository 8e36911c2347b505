import { describe, expect, test } from "vitest";
import type { ScanFlaw } from "./warehouse/acts.ts";
import { expectMeasuredDelays } from "./warehouse/test-delays.ts";
import { createMonth, type MonthAct } from "./warehouse-month.ts";

const startMs = Date.UTC(2026, 4, 4);
const dayMs = 86_400_000;
const days = 28;

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
const between = (value: number, low: number, high: number): void => {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
};

const month = createMonth({ seed: "shapes", startMs, days });
const acts = [...month.acts];
const uploads = acts.flatMap((act) => (act.kind === "scan-session" ? [act] : []));
const scans = uploads.flatMap((upload) => [...upload.scans]);
const kinds = Map.groupBy(acts, ({ kind }) => kind);
const share = (flaw: ScanFlaw): number =>
  scans.filter(({ flaws }) => flaws.includes(flaw)).length / scans.length;
/** Of each session, the first that came of it. */
const sessions = [...Map.groupBy(uploads, ({ session }) => session.id).values()].flatMap(
  ([first]) => first ?? [],
);

test("the same seed tells the same month, another seed another one, and small houses live too", () => {
  const short = (seed: string): MonthAct[] => [...createMonth({ seed, startMs, items: 400, days: 5 }).acts];
  expect(short("one")).toEqual(short("one"));
  expect(short("one")).not.toEqual(short("two"));
  expect(short("one").length).toBeGreaterThan(50);
});

test("acts are told in the order of their time, only as far as they are asked for", () => {
  const times = acts.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const [first] = createMonth({ seed: "lazy", startMs, days: 1_000_000 }).acts;
  expect(first).toBeDefined();
});

test("the house is as large as the real one", () => {
  const { items, classes, places } = month.warehouse;
  expect([items.length, classes.length, places.length]).toEqual([12_477, 489, 35]);
});

describe("a month has the shapes of real ones", () => {
  test("work is done from six to six, not on Sundays, and one day is the busiest by far", () => {
    for (const { happenedAtMs } of uploads) {
      const at = new Date(happenedAtMs);
      expect(at.getUTCDay()).not.toBe(0);
      between(at.getUTCHours(), 6, 17);
    }
    const byDay = Map.groupBy(uploads, ({ happenedAtMs }) => Math.floor((happenedAtMs - startMs) / dayMs));
    const worked = [...byDay.values()].map((own) =>
      own.reduce((sum, upload) => sum + upload.scans.length, 0),
    );
    between(worked.length, 20, 24);
    between(Math.max(...worked), 4_000, 12_000);
    between(quantile(worked, 0.5), 60, 250);
  });

  test("sessions and contracts are as large", () => {
    const sizes = sessions.map(({ session }) => session.scanCount);
    between(quantile(sizes, 0.5), 3, 5);
    between(quantile(sizes, 0.9), 12, 24);
    between(quantile(sizes, 0.99), 50, 140);
    between(Math.max(...sizes), 200, 5_000);
    const rentals = sessions
      .filter(({ scans: [first] }) => first?.type === "rental")
      .map(({ session }) => session.scanCount);
    between(quantile(rentals, 0.5), 3, 6);
    between(quantile(rentals, 0.9), 10, 24);
    const contracts = (kinds.get("contract-opened") ?? []).flatMap((act) =>
      act.kind === "contract-opened" && act.contract.kind !== "manual"
        ? [act.contract.lines.reduce((sum, { quantity }) => sum + quantity, 0)]
        : [],
    );
    between(contracts.length, 57, 220);
    between(quantile(contracts, 0.5), 4, 9);
    between(quantile(contracts, 0.9), 20, 42);
    between(Math.max(...contracts), 50, 226);
  });

  test("uploads come as late and as much out of order", () => {
    const delays = uploads.map(({ atMs, happenedAtMs }) => (atMs - happenedAtMs) / 1_000);
    expectMeasuredDelays(delays, 0.2);
    let newestMs = 0;
    let late = 0;
    for (const { happenedAtMs } of uploads) {
      if (happenedAtMs < newestMs) late += 1;
      newestMs = Math.max(newestMs, happenedAtMs);
    }
    between(late / uploads.length, 0.1, 0.19);
  });

  test("every fault is there at its rate", () => {
    between(share("unknown_tag"), 0.03, 0.045);
    between(share("resent") + share("scanned_twice"), 0.018, 0.036);
    between(share("future_clock"), 0.02, 0.2);
    const returns = scans.filter(({ type }) => type === "return");
    expect(returns.every(({ contract }) => contract === null)).toBe(true);
    between(
      returns.filter(({ flaws }) => flaws.includes("returned_twice")).length / returns.length,
      0.04,
      0.22,
    );
    expect(scans.filter(({ type }) => type === "rental").every(({ contract }) => contract !== null)).toBe(
      true,
    );
  });

  test("some goods are rented again that nobody has returned", () => {
    const out = new Map<string, string | null>();
    let rented = 0;
    let unseen = 0;
    for (const { tag, type, contract, flaws } of scans.toSorted((a, b) => a.scannedAtMs - b.scannedAtMs)) {
      if (flaws.length > 0) continue;
      if (type === "return" || type === "pickup") out.delete(tag);
      if (type !== "rental") continue;
      rented += 1;
      if (out.has(tag) && out.get(tag) !== contract) unseen += 1;
      out.set(tag, contract);
    }
    expect(rented).toBeGreaterThan(500);
    expect(unseen).toBeGreaterThan(0);
  });

  test("the office does everything it can do, of laundry only what is laundry", () => {
    for (const kind of [
      "contract-opened",
      "contract-closed",
      "lot-counted",
      "laundry-sent",
      "laundry-back",
      "session-undone",
      "upload-repeated",
      "item-commissioned",
      "tags-provisioned",
      "item-edited",
      "contract-amended",
      "contract-merged",
      "item-retagged",
      "tags-printed",
      "file-imported",
      "held-dismissed",
    ] as const) {
      expect(kinds.get(kind)?.length ?? 0, kind).toBeGreaterThan(3);
    }
    // These follow on what is rare itself.
    for (const kind of ["contract-reopened", "laundry-reactivated", "item-ended"] as const)
      expect(kinds.get(kind)?.length ?? 0, kind).toBeGreaterThan(0);
    const laundry = acts.flatMap((act) =>
      act.kind === "lot-counted" || act.kind === "laundry-sent" || act.kind === "laundry-back"
        ? [act.contract]
        : [],
    );
    expect(laundry.every((number) => number.startsWith("L"))).toBe(true);
    const balances = new Map<string, number>();
    for (const act of acts) {
      if (act.kind !== "lot-counted") continue;
      const lot = `${act.contract} ${act.name}`;
      balances.set(lot, (balances.get(lot) ?? 0) + (act.action === "added" ? act.quantity : -act.quantity));
    }
    for (const balance of balances.values()) expect(balance).toBeGreaterThanOrEqual(0);
  });

  test("goods are set aside before they leave, and what is too many is put back", () => {
    const staged = scans.filter(({ type }) => type === "stage");
    between(staged.length, 40, 900);
    const rented = new Map(
      scans.filter(({ type }) => type === "rental").map((scan) => [`${scan.tag} ${scan.contract}`, scan]),
    );
    const left = staged.filter(({ tag, contract, scannedAtMs }) => {
      const out = rented.get(`${tag} ${contract}`);
      return out !== undefined && out.scannedAtMs > scannedAtMs;
    });
    between(left.length / staged.length, 0.7, 0.99);
  });

  test("the floor writes a contract by hand until the office has its number, and never again after that", () => {
    const merges = acts.flatMap((act) => (act.kind === "contract-merged" ? [act] : []));
    const scanned = new Set(scans.flatMap(({ contract }) => contract ?? []));
    expect(merges.some(({ contract }) => scanned.has(contract))).toBe(true);
    for (const { contract, into, atMs } of merges) {
      expect(contract).toMatch(/^M-\d+$/);
      const opened = acts.find((act) => act.kind === "contract-opened" && act.contract.number === into);
      expect(opened?.atMs).toBeLessThanOrEqual(atMs);
      for (const { session, happenedAtMs } of uploads)
        if (session.contract === contract) expect(happenedAtMs).toBeLessThan(atMs);
    }
  });

  test("a thing that got another label is scanned by it, and only now and then by the old one", () => {
    const exchanged = new Map(
      acts.flatMap((act) => (act.kind === "item-retagged" ? [[act.tag, act] as const] : [])),
    );
    const after = uploads.flatMap(({ happenedAtMs, scans: own }) =>
      own.filter(({ tag }) => happenedAtMs >= (exchanged.get(tag)?.atMs ?? Number.POSITIVE_INFINITY)),
    );
    const renewed = new Set([...exchanged.values()].map(({ to }) => to));
    const byNew = scans.filter(({ tag }) => renewed.has(tag));
    expect(exchanged.size).toBe(renewed.size);
    expect(byNew.length).toBeGreaterThan(after.length);
  });

  test("files come on their days, mostly of what is known, and some come twice", () => {
    const files = acts.flatMap((act) => (act.kind === "file-imported" ? [act] : []));
    const days = new Set(files.map(({ atMs }) => Math.floor(atMs / dayMs)));
    expect(days.size).toBe(8);
    for (const { atMs } of files) expect([2, 5]).toContain(new Date(atMs).getUTCDay());
    const known = new Set(month.warehouse.items.map(({ tag }) => tag));
    const rows = files.flatMap((file) => file.rows);
    between(rows.filter(({ tag }) => known.has(tag)).length / rows.length, 0.9, 0.995);
  });
});
