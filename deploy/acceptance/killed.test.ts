import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import type { Item, Receipt, TimelineRow } from "@tagwire/messages";
import { eventually, type Stack, stackServices, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { agreedTotals } from "./test-agreement.ts";
import { openClient, readFeed } from "./test-clients.ts";

/* Every process is killed while two clients hand in scans and a reader reads. */

const pageMax = 1_000;

const sightingsOf = async (stack: Stack, tag: string): Promise<TimelineRow[]> => {
  const { body } = await stack.call("GET", `/sites/north/items/${tag}/timeline?limit=200`);
  return (body as { data: TimelineRow[] }).data.filter(({ type }) => type === "item.sighted.v1");
};

test("every service may be killed in the middle of anything, and what was accepted stays, once", async () => {
  await using stack = await startStack({ env: { READER_RE_REPORT_SECONDS: "0.5" } });
  await stack.call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
  const groups = ["A", "B"].map((name) => Array.from({ length: 10 }, (_, index) => `${name}-CHAIR-${index}`));
  const crates = Array.from({ length: 8 }, (_, index) => `E2801191A50300${String(index).padStart(10, "0")}`);
  for (const tag of [...groups.flat(), ...crates])
    expect((await stack.call("POST", "/sites/north/items", { tag, class: "Thing" })).status).toBe(201);

  let inField = 1;
  const world: TagSource = {
    sees: (antenna) => (antenna === 1 ? crates.slice(0, inField).map((epc) => ({ epc, rssiDbm: -55 })) : []),
  };
  const metal = await startLlrpReader({ world, seed: 5 });
  try {
    const antennas = [{ port: 1, place: "dock" }];
    const dock = { id: "dock", driver: "llrp", address: metal.address, antennas };
    expect((await stack.call("POST", "/sites/north/readers", dock)).status).toBe(201);

    const clients = groups.map((tags, index) => openClient(stack, `C${index}`, tags));
    const goOn = async (what: string) => {
      const before = clients.map((client) => client.count());
      await eventually(`both clients got receipts ${what}`, () =>
        clients.every((client, index) => client.count() > (before[index] ?? 0)),
      );
    };
    for (const name of stackServices) {
      await goOn(`before ${name} is killed`);
      const dying = await eventually("both clients wait for an answer", () =>
        clients.every((client) => client.isSending())
          ? { gone: stack.service(name).kill("SIGKILL") }
          : undefined,
      );
      await dying.gone;
      await stack.start(name);
      await goOn(`after ${name} was started again`);
      // The reader is tried again by itself, and sees what came into its field since.
      inField += 1;
      const newest = crates[inField - 1] ?? "";
      await eventually(
        "the reader's new tag was sighted",
        async () => (await sightingsOf(stack, newest)).length > 0,
      );
    }
    await Promise.all(clients.map((client) => client.stop()));
    expect(clients.reduce((sum, client) => sum + client.repeats(), 0)).toBeGreaterThan(0);

    // Every receipt is kept as it was given, read alone and with what was scanned.
    const given = clients.flatMap((client) => [...client.receipts.values()]);
    expect(given.every(({ receipt }) => receipt.outcome === "accepted")).toBe(true);
    for (let start = 0; start < given.length; start += pageMax) {
      const some = given.slice(start, start + pageMax);
      const { body } = await stack.call("POST", "/sites/north/scans", {
        scans: some.map(({ scan }) => scan),
      });
      expect((body as { receipts: Receipt[] }).receipts).toEqual(
        some.map(({ receipt }) => ({ ...receipt, replayed: true })),
      );
    }
    for (const { scan, receipt } of given.slice(-40)) {
      const { body } = await stack.call("GET", `/sites/north/scans/${scan.id}`);
      expect({ ...(body as Receipt), replayed: receipt.replayed }).toEqual(receipt);
    }

    // The reader goes on meanwhile; the feed is read once all that is asked about has been recorded.
    expect((await stack.call("POST", "/sites/north/readers/dock:stop")).status).toBe(200);
    const feed = await readFeed(stack);
    expect(feed.map(({ pos }) => pos)).toEqual(feed.map((_event, index) => index + 1));
    const scanIds = feed.flatMap(({ scanId }) => scanId ?? []);
    expect(new Set(scanIds).size).toBe(scanIds.length);
    for (const { scan, receipt } of given)
      expect(feed[(receipt.event?.pos ?? 0) - 1]).toMatchObject({ scanId: scan.id, tag: scan.tag });

    for (const client of clients) {
      const last = [...client.receipts.values()].slice(-client.tags.length);
      for (const { scan, receipt } of last) {
        const { body } = await stack.call("GET", `/sites/north/items/${scan.tag}`);
        expect(body as Item).toMatchObject({
          status: "on_rent",
          contract: client.contract(),
          version: receipt.item?.version,
        });
      }
    }
    expect(await agreedTotals(stack)).toMatchObject({
      total: groups.flat().length + crates.length,
      out: groups.flat().length,
    });
  } finally {
    await metal.stop();
  }
}, 600_000);
