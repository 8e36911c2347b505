import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { newId, type Receipt, type Site } from "@tagwire/messages";
import { eventually, type Stack, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agreedTotals } from "./test-agreement.ts";

const tags = Array.from({ length: 40 }, (_, index) => `CHAIR${String(index).padStart(3, "0")}`);

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ services: ["operations", "manager", "api-gateway"] });
  await stack.call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
  for (const tag of tags) await stack.call("POST", "/sites/north/items", { tag, class: "Chair" });
}, 180_000);
afterAll(() => stack[Symbol.asyncDispose]());

/** Scans every tag; every receipt has to be accepted. */
const scanAll = async (scan: { type: string; contract?: string }) => {
  const scans = tags.map((tag) => ({ id: newId(), tag, scannedAt: new Date().toISOString(), ...scan }));
  const { status, body } = await stack.call("POST", "/sites/north/scans", { scans });
  expect(status).toBe(200);
  expect((body as { receipts: Receipt[] }).receipts.map(({ outcome }) => outcome)).toEqual(
    tags.map(() => "accepted"),
  );
};

test("deleting the EVENTS stream while running loses nothing, and the stream holds every event again", async () => {
  await scanAll({ type: "rental", contract: "4711" });
  const connection = await connect({ servers: stack.natsUrl });
  const { streams } = await jetstreamManager(connection);
  expect(await streams.delete("EVENTS")).toBe(true);
  await scanAll({ type: "return" });
  expect(await agreedTotals(stack)).toMatchObject({ total: 40, ready: 40, out: 0 });
  const { pos } = (await stack.call("GET", "/sites/north")).body as Site;
  expect(pos).toBeGreaterThanOrEqual(3 * tags.length);
  await eventually("there is a message of every event", async () => {
    const { state } = await streams.info("EVENTS");
    return state.messages === pos;
  });
  await connection.close();
});

test("dropping the manager's schema while running loses nothing", async () => {
  await scanAll({ type: "rental", contract: "4711" });
  expect(await agreedTotals(stack)).toMatchObject({ total: 40, out: 40 });
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await sql`drop schema manager cascade`;
  await sql.end();
  await scanAll({ type: "delivery", contract: "4711" });
  expect(await agreedTotals(stack)).toMatchObject({ total: 40, out: 40 });
});
