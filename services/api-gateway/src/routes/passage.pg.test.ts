import { startPushingReader, type TagSource } from "@tagwire/emulators";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* Goods through a gate whose reader pushes: its light barriers say which way, in front of the real reader-gateway and operations. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const site = "/api/v1/sites/north";
const portal = {
  inside: "hall",
  outside: "yard",
  by: "triggers",
  triggers: { outside: 1, inside: 2 },
} as const;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  for (const name of ["operations", "reader-gateway"]) stack.use(await startService(name, gateway));
  const north = { id: "north", name: "North", timeZone: "Europe/Berlin" };
  expect((await gateway.ask("POST", "/api/v1/sites", north)).status).toBe(201);
  expect((await gateway.ask("PUT", `${site}/stations/gate`, { mode: "portal", portal })).status).toBe(201);
});
afterAll(() => stack.disposeAsync());

test.each([
  { make: "impinj", tag: "3034257BF7194E4000009A01" },
  { make: "zebra", tag: "3034257BF7194E4000009A02" },
] as const)("what passes a gate of $make is where the barrier was broken last", async ({ make, tag }) => {
  const item = { tag, class: "Chair", status: "ready", place: "yard" };
  expect((await gateway.ask("POST", `${site}/items`, item)).status).toBe(201);
  const reader = { id: `gate-${make}`, driver: make, station: "gate", antennas: [{ port: 1 }] };
  expect((await gateway.ask("POST", `${site}/readers`, reader)).status).toBe(201);
  const { body } = await gateway.ask("POST", `${site}/readers/${reader.id}:key`);
  let isThere = false;
  const world: TagSource = { sees: () => (isThere ? [{ epc: tag, rssiDbm: -52 }] : []) };
  const carry = async (text: string): Promise<void> => {
    const headers = { authorization: `Bearer ${body.key}`, "content-type": "application/json" };
    const { status } = await gateway.ask("POST", `/api/v1/ingest/north/${reader.id}`, text, headers);
    if (status !== 202) throw new Error(`${status}`);
  };
  await using ending = new AsyncDisposableStack();
  const pushing = startPushingReader({ make, world, antennas: [1], carry });
  ending.defer(pushing.stop);
  const readsSoFar = async () => (await gateway.ask("GET", `${site}/readers/${reader.id}`)).body.counts.reads;
  const placeNow = async () => (await gateway.ask("GET", `${site}/items/${tag}`)).body.place;
  /** Carries it through: the barriers are broken in this order, and it is read between them. */
  const pass = async (first: number, last: number) => {
    const before = await readsSoFar();
    pushing.breakInput(first);
    isThere = true;
    await eventually("it is read", async () => (await readsSoFar()) > before + 3);
    isThere = false;
    pushing.breakInput(last);
  };

  await pass(portal.triggers.outside, portal.triggers.inside);
  await eventually("it is inside", async () => (await placeNow()) === "hall");
  await pass(portal.triggers.inside, portal.triggers.outside);
  await eventually("it is outside again", async () => (await placeNow()) === "yard");
  const { counts } = (await gateway.ask("GET", `${site}/readers/${reader.id}`)).body;
  expect(counts).toMatchObject({ malformed: 0, strays: {} });
});
