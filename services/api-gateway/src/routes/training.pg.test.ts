import { newId, type SessionView, type TrainingField } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* Practice, with the real reader-gateway and the real operations behind it. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const school = "/api/v1/sites/training-north";
const real = "/api/v1/sites/north";
const trainer = {
  id: "trainer",
  driver: "training",
  antennas: [
    { port: 1, station: "out-desk" },
    { port: 2, station: "gate", side: "inside" },
    { port: 3, station: "gate", side: "outside" },
  ],
};
const chairs = ["7EA1C0DE0000000000000001", "7EA1C0DE0000000000000002", "7EA1C0DE0000000000000003"];
const field = `${school}/readers/trainer/field`;

const done = async (method: string, path: string, body?: unknown) => {
  const answer = await gateway.ask(method, path, body);
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
};
const placeOf = async (tag: string) =>
  ((await gateway.ask("GET", `${school}/items/${tag}`)).body as { place: string | null }).place;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  for (const name of ["operations", "reader-gateway"]) stack.use(await startService(name, gateway));
  for (const id of ["north", "training-north"])
    await done("POST", "/api/v1/sites", { id, name: id, timeZone: "Europe/Berlin" });
  for (const tag of chairs)
    await done("POST", `${school}/items`, { tag, class: "Chair", status: "ready", place: "store" });
  await done("PUT", `${school}/stations/out-desk`, { mode: "checkout", place: "desk" });
  const portal = { inside: "hall", outside: "yard", by: "antennas" };
  await done("PUT", `${school}/stations/gate`, { mode: "portal", portal });
});
afterAll(() => stack.disposeAsync());

test("a real site refuses it, however it comes", async () => {
  const refusal = { status: 409, body: { code: "training.site" } };
  expect(await gateway.ask("POST", `${real}/readers`, trainer)).toMatchObject(refusal);
  const push = { id: "push", driver: "zebra" };
  await done("POST", `${real}/readers`, push);
  expect(await gateway.ask("PATCH", `${real}/readers/push`, { driver: "training" })).toMatchObject(refusal);
  expect(
    await gateway.ask("POST", `${real}/readers/push/field:put`, { station: "x", unknown: 1 }),
  ).toMatchObject(refusal);
  expect(await gateway.ask("GET", `${real}/readers/push/field`)).toMatchObject({
    status: 409,
    body: { code: "training.reader" },
  });
});

test("what is put before it becomes scans of the session there, walks through the gate, and can be taken away", async () => {
  expect(await done("POST", `${school}/readers`, trainer)).toMatchObject({ status: "inventory" });
  await done("POST", `${school}/contracts`, { number: "P1", lines: [{ class: "Chair", quantity: 2 }] });
  const id = newId();
  await done("POST", `${school}/sessions`, { id, mode: "checkout", contract: "P1", station: "out-desk" });
  const put = { station: "out-desk", contract: "P1", unknown: 1 };
  const laid = (await done("POST", `${field}:put`, put)) as TrainingField;
  expect(laid.tags).toHaveLength(3);
  const sessionNow = async () => (await gateway.ask("GET", `${school}/sessions/${id}`)).body as SessionView;
  await eventually("both are scanned, and what nobody knows is held", async () => {
    const { found } = await sessionNow();
    const held = (await gateway.ask("GET", `${school}/quarantine`)).body as { data: unknown[] };
    return found === 2 && held.data.length === 1;
  });
  expect(await sessionNow()).toMatchObject({ expected: 2, found: 2, missing: 0 });

  const out = laid.tags.map(({ tag }) => tag).filter((tag) => chairs.includes(tag));
  expect(await done("POST", `${field}:walk`, { direction: "out", tags: out })).toMatchObject({
    walking: out,
  });
  await eventually("they are in the yard", async () => {
    const places = await Promise.all(out.map(placeOf));
    return places.every((place) => place === "yard");
  });
  expect(await done("POST", `${field}:take`, {})).toEqual({ tags: [], walking: [] });
  const item = (await gateway.ask("GET", `${school}/items/${out[0]}`)).body;
  expect(item).toMatchObject({ status: "on_rent", contract: "P1" });
});

test("what cannot be put is refused with the reason", async () => {
  const putting = (body: unknown) => gateway.ask("POST", `${field}:put`, body);
  const refused = async (body: unknown, code: string) =>
    expect(await putting(body)).toMatchObject({ body: { code } });
  await refused({ station: "nowhere", unknown: 1 }, "training.station");
  await refused({ station: "out-desk", tags: ["chair-17"] }, "training.tag");
  await refused({ station: "out-desk", class: "Chair", count: 40 }, "training.nothing");
  await refused({ station: "out-desk", contract: "none" }, "contract_unknown");
  await refused({ station: "out-desk" }, "training.nothing");
  await refused({ station: "out-desk", unknown: 1_000 }, "malformed");
  expect(await gateway.ask("POST", `${field}:walk`, { direction: "in" })).toMatchObject({
    status: 409,
    body: { code: "training.nothing" },
  });
  await done("POST", `${school}/readers/trainer:stop`);
  await refused({ station: "out-desk", unknown: 1 }, "reader.idle");
});
