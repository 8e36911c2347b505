import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { ask, openBus } from "@tagwire/bus";
import { AskItemDigest, AskManagerDigest, type Dashboard, newId, type Receipt } from "@tagwire/messages";
import { eventually, quietLog, type Stack, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";

const tags = Array.from({ length: 40 }, (_, index) => `CHAIR${String(index).padStart(3, "0")}`);

const populate = async (stack: Stack) => {
  await stack.call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
  for (const tag of tags) await stack.call("POST", "/sites/north/items", { tag, class: "Chair" });
};

/** Scans every tag; every receipt has to be accepted. */
const scanAll = async (stack: Stack, scan: { type: string; contract?: string }) => {
  const scans = tags.map((tag) => ({ id: newId(), tag, scannedAt: new Date().toISOString(), ...scan }));
  const { status, body } = await stack.call("POST", "/sites/north/scans", { scans });
  expect(status).toBe(200);
  expect((body as { receipts: Receipt[] }).receipts.map(({ outcome }) => outcome)).toEqual(
    tags.map(() => "accepted"),
  );
};

const agree = async (stack: Stack, expected: Partial<Dashboard["totals"]>) => {
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  try {
    await eventually("manager and operations have the same digest at the same position", async () => {
      const [record, picture] = await Promise.all([
        ask(bus, AskItemDigest, { site: "north" }),
        ask(bus, AskManagerDigest, { site: "north" }),
      ]);
      return record.pos > 0 && record.pos === picture.pos && record.digest === picture.digest;
    });
  } finally {
    await bus.close();
  }
  const { body } = await stack.call("GET", "/sites/north/dashboard");
  expect((body as Dashboard).totals).toMatchObject(expected);
};

test("deleting the EVENTS stream while running loses nothing", async () => {
  await using stack = await startStack({ services: ["operations", "manager", "api-gateway"] });
  await populate(stack);
  await scanAll(stack, { type: "rental", contract: "4711" });
  const connection = await connect({ servers: stack.natsUrl });
  expect(await (await jetstreamManager(connection)).streams.delete("EVENTS")).toBe(true);
  await scanAll(stack, { type: "return" });
  await agree(stack, { total: 40, ready: 40, out: 0 });
  await connection.close();
});

test("dropping the manager's schema while running loses nothing", async () => {
  await using stack = await startStack({ services: ["operations", "manager", "api-gateway"] });
  await populate(stack);
  await scanAll(stack, { type: "rental", contract: "4711" });
  await agree(stack, { total: 40, out: 40 });
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await sql`drop schema manager cascade`;
  await sql.end();
  await scanAll(stack, { type: "delivery", contract: "4711" });
  await agree(stack, { total: 40, out: 40 });
});

test("every service may be killed, and what was accepted stays", async () => {
  await using stack = await startStack({ services: ["operations", "manager", "api-gateway"] });
  await populate(stack);
  for (const name of ["manager", "operations", "api-gateway"] as const) {
    await stack.service(name).kill("SIGKILL");
    await stack.start(name);
    await scanAll(stack, { type: "rental", contract: `C-${name}` });
    await scanAll(stack, { type: "return" });
  }
  await agree(stack, { total: 40, ready: 40 });
});
