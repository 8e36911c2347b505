import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import type { Item, LoggedEvent, Reader, TimelineRow } from "@tagwire/messages";
import { eventually, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";

const chair = "3074257BF7194E4000001A85";
const table = "3074257BF7194E4000001A86";
const place = "/sites/yard";

/** How often each antenna hears a tag that walks past it: four tenths of a second at the reader's pace. */
const looksPerSide = 8;

/** Tags that lie before an antenna, and one that walks past two of them, however slowly anybody looks. */
const createRoom = () => {
  const lying = new Map<number, { epc: string; rssiDbm: number }>();
  let steps: { antenna: number; left: number; passed?: () => void }[] = [];
  const world: TagSource = {
    sees: (antenna) => {
      const [step] = steps;
      const here = [...(lying.has(antenna) ? [lying.get(antenna)] : [])].flatMap((one) => one ?? []);
      if (step?.antenna !== antenna) return here;
      step.left -= 1;
      if (step.left === 0) {
        steps = steps.slice(1);
        step.passed?.();
      }
      return [...here, { epc: chair, rssiDbm: -55 }];
    },
  };
  return {
    world,
    lay: (antenna: number, epc: string, rssiDbm: number) => void lying.set(antenna, { epc, rssiDbm }),
    clear: () => lying.clear(),
    walk: (first: number, second: number, between?: () => void) => {
      const begin = { antenna: first, left: looksPerSide };
      steps = [
        between === undefined ? begin : { ...begin, passed: between },
        { antenna: second, left: looksPerSide },
      ];
    },
  };
};

test("rules and stations change what a reader's reads mean while it goes on reading", async () => {
  await using stack = await startStack({});
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  for (const tag of [chair, table]) await stack.call("POST", `${place}/items`, { tag, class: "Chair" });
  const room = createRoom();
  const reader = await startLlrpReader({ world: room.world, seed: 7 });
  const itemAt = async (tag: string) => (await stack.call("GET", `${place}/items/${tag}`)).body as Item;
  const readerNow = async () => (await stack.call("GET", `${place}/readers/door`)).body as Reader;
  try {
    const antennas = [
      { port: 1, side: "outside" },
      { port: 2, side: "inside" },
      { port: 3, place: "shelf" },
    ];
    const rules = { minRssiDbm: -60 };
    await stack.call("POST", `${place}/readers`, {
      ...{ id: "door", driver: "llrp", address: reader.address, antennas, rules },
    });

    // Too weak to mean anything: it is evidence, and the item stays where it was.
    room.lay(3, table, -70);
    await eventually("it was heard", async () => (await readerNow()).counts.held > 0);
    expect((await itemAt(table)).place).not.toBe("shelf");
    await stack.call("PATCH", `${place}/readers/door`, { rules: {} });
    await eventually("it is on the shelf", async () => (await itemAt(table)).place === "shelf");

    // Through the door, by the order in which its antennas hear it.
    for (const port of [1, 2])
      antennas[port - 1] = { port, side: port === 1 ? "outside" : "inside", station: "door" } as never;
    await stack.call("PATCH", `${place}/readers/door`, { antennas });
    const portal = { inside: "hall", outside: "street", by: "antennas" };
    await stack.call("PUT", `${place}/stations/door`, { mode: "portal", portal });
    // Whoever is stopped on the way, by a machine that is busy elsewhere, has not clearly passed, and passes once more.
    const walkUntil = async (there: string, walk: () => void) => {
      let walkedAtMs = Number.NEGATIVE_INFINITY;
      await eventually(`it is at ${there}`, async () => {
        if (performance.now() - walkedAtMs > 6_000) {
          walk();
          walkedAtMs = performance.now();
        }
        return (await itemAt(chair)).place === there;
      });
    };
    room.clear();
    await walkUntil("hall", () => room.walk(1, 2));
    await walkUntil("street", () => room.walk(2, 1));

    // By light barriers: the reader is started again, since it has to tell of its inputs.
    await stack.call("PUT", `${place}/stations/door`, {
      ...{ mode: "portal", portal: { ...portal, by: "triggers", triggers: { outside: 1, inside: 2 } } },
    });
    await eventually("it reads again", async () => (await readerNow()).status === "inventory");
    await walkUntil("hall", () => {
      reader.breakInput(1);
      room.walk(1, 1, () => reader.breakInput(2));
    });
    const { body } = await stack.call("GET", `${place}/items/${chair}/timeline`);
    const rows = (body as { data: TimelineRow[] }).data;
    const seen = rows.filter(({ kind, flags }) => kind === "sighting" && !flags?.includes("stray"));
    expect(seen.map((row) => row.place)).toEqual(["hall", "street", "hall"]);

    // Who set what is in the log, as everything else that happened.
    const configured = await eventually("all changes are in the log", async () => {
      const feed = (await stack.call("GET", `${place}/events?limit=500`)).body as {
        events: LoggedEvent[];
      };
      const told = feed.events.filter(({ type }) => /^(?:reader|station)\.configured/.test(type));
      return told.length >= 5 ? told : undefined;
    });
    expect(configured.map(({ type, data }) => [type, data.id])).toEqual([
      ["reader.configured.v1", "door"],
      ["reader.configured.v1", "door"],
      ["reader.configured.v1", "door"],
      ["station.configured.v1", "door"],
      ["station.configured.v1", "door"],
    ]);
    expect(configured[1]?.data).toMatchObject({ was: { rules } });
    expect(configured.every(({ by }) => by.person !== undefined || by.device !== undefined)).toBe(true);
  } finally {
    await reader.stop();
  }
});
