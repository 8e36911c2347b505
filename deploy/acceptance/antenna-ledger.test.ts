import { setTimeout as wait } from "node:timers/promises";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import {
  type AntennaCounts,
  brokenSums,
  type LoggedEvent,
  type Outcome,
  type Reader,
  type ReaderCounts,
} from "@tagwire/messages";
import { eventually, type Stack, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";

/* The ledger of a portal with four antennas, asked for without a pause while those who keep it are killed. */

const epcOf = (head: string, index: number): string =>
  `${head}${index
    .toString(16)
    .toUpperCase()
    .padStart(24 - head.length, "0")}`;
const known = Array.from({ length: 60 }, (_, index) => epcOf("E2801191", index));
const unknown = Array.from({ length: 8 }, (_, index) => epcOf("E2801192", index));
/** Of a neighbour, whose tags begin otherwise. */
const foreign = Array.from({ length: 5 }, (_, index) => epcOf("303500", index));

/** Antennas 1 and 2 look at one place and hear each other's tags; 3 hears every third; 4, which is nowhere, hears the others' too. */
const hearsAt: Readonly<Record<number, (index: number) => boolean>> = {
  1: (index) => index % 3 !== 2,
  2: (index) => index % 2 === 0,
  3: (index) => index % 3 === 2,
  4: (index) => index % 5 === 0,
};

const breathMs = 10;
const pageMax = 1_000;
/** Columns that no kill takes anything from: they are in Postgres whenever they are told, and reads are written down before. */
const durable = ["reads", "observed", "observations", "accepted", "quarantined"] as const;
type Durable = Pick<AntennaCounts, (typeof durable)[number]>;

const fallen = (of: string, before: Durable | undefined, now: Durable | undefined): string[] =>
  durable
    .filter((column) => (now?.[column] ?? 0) < (before?.[column] ?? 0))
    .map((column) => `${of}: ${column}`);

/** Asks for the reader again and again, as a screen does that nobody closes; an absence is no answer. */
const watch = (stack: Stack) => {
  const wrong: string[] = [];
  let answers = 0;
  let absences = 0;
  let last: Reader | undefined;
  let isOver = false;

  const look = (counts: ReaderCounts) => {
    const before = last?.counts;
    wrong.push(...brokenSums(counts), ...fallen("reader", before, counts));
    for (const [port, antenna] of Object.entries(before?.antennas ?? {}))
      wrong.push(...fallen(`antenna ${port}`, antenna, counts.antennas?.[port]));
  };
  const watching = (async () => {
    while (!isOver) {
      const { status, body } = await stack.call("GET", "/sites/yard/readers/door");
      if (status === 200) {
        answers += 1;
        look((body as Reader).counts);
        last = body as Reader;
      } else {
        expect([503, 504]).toContain(status);
        absences += 1;
      }
      await wait(breathMs);
    }
  })();
  return {
    wrong,
    answers: () => answers,
    absences: () => absences,
    last: () => last,
    stop: () => {
      isOver = true;
      return watching;
    },
  };
};

const eventsOf = async (stack: Stack): Promise<LoggedEvent[]> => {
  const all: LoggedEvent[] = [];
  for (let after = "0:0"; ; ) {
    const { status, body } = await stack.call("GET", `/sites/yard/events?after=${after}&limit=${pageMax}`);
    expect(status).toBe(200);
    const { events, next } = body as { events: LoggedEvent[]; next: string };
    all.push(...events);
    if (events.length === 0) return all;
    after = next;
  }
};

/** How operations has decided everything, by the receipts that it keeps. */
const receiptsOf = async (stack: Stack): Promise<Map<Outcome, number>> => {
  await using closing = new AsyncDisposableStack();
  const sql = postgres(stack.databaseUrl, { max: 1, fetch_types: false });
  closing.defer(() => sql.end());
  const rows = await sql<{ outcome: Outcome; receipts: number }[]>`
    select receipt->>'outcome' as outcome, count(*)::int as receipts from operations.receipt where site = 'yard' group by 1`;
  return new Map(rows.map(({ outcome, receipts }) => [outcome, receipts]));
};

const readsIn = ({ data }: LoggedEvent): number => (data as { scan: { reads: number } }).scan.reads;

test("the ledger of each antenna adds up in every answer while reader-gateway and operations are killed, and is what operations decided", async () => {
  await using stack = await startStack({ env: { READER_RE_REPORT_SECONDS: "0.5" } });
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  for (const tag of known)
    expect((await stack.call("POST", "/sites/yard/items", { tag, class: "Crate" })).status).toBe(201);

  // From here on nobody but the reader asks for anything to be decided.
  const created = (await receiptsOf(stack)).get("accepted") ?? 0;

  let inField = 12;
  const world: TagSource = {
    sees: (antenna) => {
      const here = [...known.slice(0, inField), ...unknown].filter((_, index) => hearsAt[antenna]?.(index));
      const all = antenna === 4 ? [...here, ...foreign] : here;
      return all.map((epc, index) => ({ epc, rssiDbm: -50 - antenna - (index % 7) }));
    },
  };
  const metal = await startLlrpReader({ world, seed: 23 });
  try {
    const antennas = [
      { port: 1, place: "dock" },
      { port: 2, place: "dock" },
      { port: 3, place: "wash" },
      { port: 4 },
    ];
    const rules = { tags: ["E28011"] };
    const door = { id: "door", driver: "llrp", address: metal.address, antennas, rules };
    expect((await stack.call("POST", "/sites/yard/readers", door)).status).toBe(201);
    const watched = watch(stack);
    const counts = () => watched.last()?.counts;
    const more = async (what: string, column: "accepted" | "pending", by: number) => {
      const before = counts()?.[column] ?? 0;
      await eventually(what, () => (counts()?.[column] ?? 0) >= before + by);
      inField = Math.min(known.length, inField + 6);
    };

    await more("it begins", "accepted", 30);
    for (const round of ["once", "twice"]) {
      await stack.service("reader-gateway").kill("SIGKILL");
      await stack.start("reader-gateway");
      await more(`it goes on after reader-gateway was killed ${round}`, "accepted", 60);
      await stack.service("operations").kill("SIGKILL");
      await more(`observations wait while operations is away ${round}`, "pending", 60);
      await stack.start("operations");
      await more(`it goes on after operations was killed ${round}`, "accepted", 120);
    }
    // Both at once, with observations in every state there is.
    await Promise.all(
      (["operations", "reader-gateway"] as const).map((name) => stack.service(name).kill("SIGKILL")),
    );
    await Promise.all((["operations", "reader-gateway"] as const).map(stack.start));
    await more("it goes on after both were killed", "accepted", 120);

    await eventually("the reader is stopped", async () => {
      const { status } = await stack.call("POST", "/sites/yard/readers/door:stop");
      return status === 200;
    });
    const final = await eventually("all is taken", () => {
      const now = watched.last();
      return now?.status === "stopped" && now.counts.pending === 0 && now.counts.held === 0
        ? now.counts
        : undefined;
    });
    await watched.stop();
    expect(watched.wrong).toEqual([]);
    expect(watched.answers()).toBeGreaterThan(100);
    expect(watched.absences()).toBeGreaterThan(0);

    expect(Object.keys(final.antennas ?? {})).toEqual(["1", "2", "3", "4"]);
    expect(final).toMatchObject({ malformed: 0, rejected: 0, alreadyApplied: 0 });
    // What the killed processes held is gone, and is told.
    const { unwanted = 0, lost = 0, ...others } = final.filteredBy ?? {};
    expect(others).toEqual({});
    expect(unwanted + lost).toBe(final.filtered);
    expect(final.antennas?.[4]?.filteredBy.unwanted).toBe(unwanted);
    expect(unwanted).toBeGreaterThan(0);

    // What the ledger says became of observations is what operations says of them: each has one receipt, and each accepted one its event.
    const receipts = await receiptsOf(stack);
    // That the reader was set up is in the log as well, and has its receipt.
    const noted = (await eventsOf(stack)).filter(({ type }) => type === "reader.configured.v1").length;
    expect(receipts).toEqual(
      new Map([
        ["accepted", created + noted + final.accepted],
        ["quarantined", final.quarantined],
      ]),
    );
    const events = (await eventsOf(stack)).filter(
      ({ type, by }) => type === "item.sighted.v1" && by.reader === "door",
    );
    expect(new Set(events.map(({ scanId }) => scanId)).size).toBe(final.accepted);
    expect(events).toHaveLength(final.accepted);
    for (const [port, antenna] of Object.entries(final.antennas ?? {}))
      expect(events.filter(({ by }) => by.antenna === Number(port))).toHaveLength(antenna.accepted);
    const strays = events.filter(
      ({ data }) => (data as { scan: { stray?: string } }).scan.stray !== undefined,
    );
    const strayCount = Object.values(final.strays ?? {}).reduce((sum, count) => sum + count, 0);
    expect(strayCount).toBeGreaterThanOrEqual(strays.length);
    expect(events.reduce((sum, event) => sum + readsIn(event), 0)).toBeLessThanOrEqual(final.observed);
  } finally {
    await metal.stop();
  }
}, 600_000);
