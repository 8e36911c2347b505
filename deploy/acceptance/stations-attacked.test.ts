import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import {
  brokenSums,
  type Item,
  newId,
  type Reader,
  type SessionTag,
  type SessionView,
} from "@tagwire/messages";
import { type Answer, eventually, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";

const place = "/sites/yard";
const chair = "3074257BF7194E4000001A85";
const table = "3074257BF7194E4000001A86";
const lamp = "3074257BF7194E4000001A87";
/** What lies there is said again so often, so that whatever begins meanwhile hears of it. */
const rules = { reReportMs: 1_000 };

test("sessions begin, change and end, and stations and readers change under them, while tags lie before the antennas", async () => {
  await using stack = await startStack({});
  const lying = new Map<number, readonly string[]>([
    [1, [chair]],
    [2, [table]],
  ]);
  const world: TagSource = {
    sees: (antenna) => (lying.get(antenna) ?? []).map((epc) => ({ epc, rssiDbm: -50 })),
  };
  const emulated = await startLlrpReader({ world, seed: 7 });
  const ask = async (path: string) => (await stack.call("GET", `${place}/${path}`)).body;
  const itemAt = async (tag: string) => (await ask(`items/${tag}`)) as Item;
  const statusOf = async (tag: string) => (await itemAt(tag)).status;
  const scannedIn = async (id: string) =>
    ((await ask(`sessions/${id}/tags?finding=scanned`)) as { data: SessionTag[] }).data
      .map(({ tag }) => tag)
      .sort();
  const begin = (id: string, mode: string, station: string, contract?: string): Promise<Answer> =>
    stack.call("POST", `${place}/sessions`, {
      id,
      mode,
      station,
      ...(contract === undefined ? {} : { contract }),
    });
  const close = async (id: string) =>
    (await stack.call("POST", `${place}/sessions/${id}:close`, {})).body as SessionView;
  const stationIs = (id: string, mode: string, at: string) =>
    stack.call("PUT", `${place}/stations/${id}`, { mode, place: at, rules });
  const [going, back, second, switched] = [newId(), newId(), newId(), newId()];
  try {
    await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
    for (const tag of [chair, table, lamp])
      await stack.call("POST", `${place}/items`, { tag, class: "Chair" });
    const scannedAt = new Date().toISOString();
    await stack.call("POST", `${place}/scans`, {
      scans: [table, lamp].map((tag) => ({ id: newId(), tag, type: "rental", contract: "C-0", scannedAt })),
    });
    await stationIs("gate", "checkout", "hall");
    await stationIs("belt", "return", "wash");
    const antennas = [
      { port: 1, station: "gate" },
      { port: 2, station: "belt" },
    ];
    await stack.call("POST", `${place}/readers`, {
      ...{ id: "door", driver: "llrp", address: emulated.address, antennas },
    });
    await eventually("what lies there is seen", async () => (await itemAt(chair)).place === "hall");
    expect([await statusOf(chair), await statusOf(table)]).toEqual(["ready", "on_rent"]);

    // Two stations at one reader: each session has what its own antenna hears.
    expect((await begin(going, "checkout", "gate", "C-1")).status).toBe(201);
    await eventually("the chair has gone", async () => (await statusOf(chair)) === "on_rent");
    expect(await statusOf(table)).toBe("on_rent");
    expect((await begin(back, "return", "belt")).status).toBe(201);
    await eventually("the table is back", async () => (await statusOf(table)) !== "on_rent");
    expect([await scannedIn(going), await scannedIn(back)]).toEqual([[chair], [table]]);

    // Whoever comes second is told who is there, and nothing has begun.
    const busy = await begin(second, "return", "gate");
    expect(busy).toMatchObject({ status: 409, body: { code: "station_busy" } });
    expect(JSON.stringify(busy.body)).toContain(going);
    expect((await stack.call("GET", `${place}/sessions/${second}`)).status).toBe(404);

    // One session after the other, with no pause between them and the chair where it was.
    expect((await close(going)).state).toBe("closed");
    expect((await begin(switched, "return", "gate")).status).toBe(201);
    await eventually("the chair is back", async () => (await statusOf(chair)) !== "on_rent");
    expect([await scannedIn(going), await scannedIn(switched)]).toEqual([[chair], [chair]]);

    // What is heard while the station is a zone is seen and in no session; afterwards it is scanned, where it lies.
    await stationIs("gate", "zone", "hall");
    lying.set(1, [chair, lamp]);
    await eventually("the lamp is seen", async () => (await itemAt(lamp)).place === "hall");
    expect([await statusOf(lamp), await scannedIn(switched)]).toEqual(["on_rent", [chair]]);
    await stationIs("gate", "return", "hall");
    await eventually("the lamp is back", async () => (await statusOf(lamp)) !== "on_rent");
    expect(await scannedIn(switched)).toEqual([chair, lamp].sort());

    // The reader goes while both sessions are open: they have what they had, and can be ended.
    const { counts } = (await ask("readers/door")) as Reader;
    expect(brokenSums(counts)).toEqual([]);
    expect((await stack.call("DELETE", `${place}/readers/door`)).status).toBeLessThan(300);
    expect([(await close(back)).state, (await close(switched)).state]).toEqual(["closed", "closed"]);
    expect([await scannedIn(back), await scannedIn(switched)]).toEqual([[table], [chair, lamp].sort()]);
    const unread = await begin(newId(), "return", "gate");
    expect(unread).toMatchObject({ status: 201, body: { warnings: [{ code: "station_unread" }] } });
  } finally {
    await emulated.stop();
  }
});
