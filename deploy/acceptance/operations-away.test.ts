import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { brokenSums, type Reader, type TimelineRow } from "@tagwire/messages";
import { eventually, type Stack, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";

const epcOf = (index: number): string =>
  `E2801191A50300${index.toString(16).toUpperCase().padStart(10, "0")}`;

const readerOf = async (stack: Stack): Promise<Reader> => {
  const { status, body } = await stack.call("GET", "/sites/yard/readers/dock");
  expect(status).toBe(200);
  const reader = body as Reader;
  // Not only in the end: whoever looks while operations is away sees sums that hold, too.
  expect(brokenSums(reader.counts)).toEqual([]);
  return reader;
};

const sightingsOf = async (stack: Stack, tag: string): Promise<TimelineRow[]> => {
  const { status, body } = await stack.call("GET", `/sites/yard/items/${tag}/timeline?limit=200`);
  expect(status).toBe(200);
  return (body as { data: TimelineRow[] }).data.filter(({ type }) => type === "item.sighted.v1");
};

test("what a reader reads while operations is killed and comes back is taken exactly once, and the ledger adds up", async () => {
  // Tags that stay are reported again and again, so there is something to take at every moment.
  await using stack = await startStack({ env: { READER_RE_REPORT_SECONDS: "0.5" } });
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  const tags = Array.from({ length: 60 }, (_, index) => epcOf(index));
  for (const tag of tags) {
    const { status } = await stack.call("POST", "/sites/yard/items", { tag, class: "Crate" });
    expect(status).toBe(201);
  }

  let inField = 0;
  const world: TagSource = {
    sees: (antenna) => (antenna === 1 ? tags.slice(0, inField).map((epc) => ({ epc, rssiDbm: -55 })) : []),
  };
  const metal = await startLlrpReader({ world, seed: 11 });
  try {
    const antennas = [{ port: 1, place: "dock" }];
    const dock = { id: "dock", driver: "llrp", address: metal.address, antennas };
    expect((await stack.call("POST", "/sites/yard/readers", dock)).status).toBe(201);
    inField = 20;
    await eventually("the first are taken", async () => (await readerOf(stack)).counts.accepted >= 20);

    // In the midst of it, so that some may be committed and not confirmed.
    inField = 40;
    await stack.service("operations").kill("SIGKILL");
    const taken = (await readerOf(stack)).counts.accepted;
    inField = 50;
    const away = await eventually("observations wait", async () => {
      const reader = await readerOf(stack);
      return reader.counts.pending >= 60 ? reader : undefined;
    });
    expect(away).toMatchObject({ status: "inventory", counts: { rejected: 0, quarantined: 0 } });

    await stack.start("operations");
    inField = 60;
    await eventually("it goes on", async () => (await readerOf(stack)).counts.accepted >= taken + 80);
    await eventually("the last tag was seen", async () => (await sightingsOf(stack, epcOf(59))).length > 0);
    expect((await stack.call("POST", "/sites/yard/readers/dock:stop")).status).toBe(200);
    const { counts } = await eventually("all is taken", async () => {
      const reader = await readerOf(stack);
      return reader.counts.pending === 0 && reader.counts.held === 0 ? reader : undefined;
    });

    const rows = (await Promise.all(tags.map((tag) => sightingsOf(stack, tag)))).flat();
    expect(new Set(rows.map(({ scanId }) => scanId)).size).toBe(rows.length);
    expect(rows).toHaveLength(counts.observations);
    expect(counts).toMatchObject({ filtered: 0, malformed: 0, accepted: counts.observations });
    const reads = rows.map(({ data }) => (data as { scan: { reads: number } }).scan.reads);
    expect(reads.reduce((sum, one) => sum + one, 0)).toBe(counts.reads);
  } finally {
    await metal.stop();
  }
}, 600_000);
