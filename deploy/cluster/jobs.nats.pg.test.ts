import { execFile } from "node:child_process";
import { join } from "node:path";
import { openBus } from "@tagwire/bus";
import { plainEnvironment, quietLog, startStack, testDatabase, testNats } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";

/* What the Jobs of the cluster run, on a real Postgres and a real nats-server. */

const testTimeoutMs = 240_000;
const root = join(import.meta.dirname, "../..");
const services = [
  ...["operations", "manager", "reader-gateway"],
  ...["health-check", "rfidpro-backup", "api-gateway"],
];

/** Runs a program of a service to its end, and gives the code that it ends with. */
const run = (file: string, at: { databaseUrl: string; natsUrl: string }): Promise<number> =>
  new Promise((done) => {
    const env = { ...plainEnvironment(), DATABASE_URL: at.databaseUrl, NATS_URL: at.natsUrl };
    execFile(process.execPath, [join(root, "services", file)], { env }, (error) =>
      done(error === null ? 0 : typeof error.code === "number" ? error.code : -1),
    );
  });

test("schemas and streams are brought up to date, and again without harm", {
  timeout: testTimeoutMs,
}, async () => {
  await using database = await testDatabase();
  await using nats = await testNats();
  const at = { databaseUrl: database.url, natsUrl: nats.url };
  for (const _time of ["first", "again"])
    for (const service of services)
      expect([service, await run(`${service}/src/prepare.ts`, at)]).toEqual([service, 0]);
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const made = await sql<{ name: string }[]>`
    select distinct table_schema as name from information_schema.tables where table_name = 'migration'`;
  await sql.end();
  const schemas = made.map(({ name }) => name);
  expect(schemas).toEqual(expect.arrayContaining(services.map((service) => service.replaceAll("-", "_"))));
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  for (const stream of ["EVENTS", "PARKED", "OBSERVATIONS", "READERS"])
    expect((await bus.manager.streams.info(stream)).config.name).toBe(stream);
  await bus.close();
  expect(await run("operations/src/prepare.ts", { ...at, natsUrl: "nats://127.0.0.1:1" })).toBe(1);
});

test("the log of every site is read through: whole, and broken where an event was changed", {
  timeout: testTimeoutMs,
}, async () => {
  await using stack = await startStack({ services: ["operations", "api-gateway"] });
  await stack.call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
  expect(await stack.call("POST", "/sites/north/items", { tag: "A1", class: "chair" })).toMatchObject({
    status: 201,
  });
  expect(await run("operations/src/verify-once.ts", stack)).toBe(0);
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await sql`update operations.event set data = data || '{"class": "tent"}' where tag = 'A1'`;
  await sql.end();
  expect(await run("operations/src/verify-once.ts", stack)).toBe(3);
});
