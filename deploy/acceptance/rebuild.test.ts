import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { type Audit, newId, type Receipt, type Site } from "@tagwire/messages";
import { eventually, plainEnvironment, type Stack, type StackService, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agreedTotals } from "./test-agreement.ts";

const tags = Array.from({ length: 40 }, (_, index) => `CHAIR${String(index).padStart(3, "0")}`);
const services: readonly StackService[] = ["operations", "manager", "api-gateway"];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ services: [...services, "health-check"] });
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

type Ended = { readonly code: number; readonly said: string };

/** The commands, as on the machine that a stack runs on: with a data folder that tells where everything is. */
const openCommands = async () => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-commands-"));
  await writeFile(
    join(folder, "endpoints.json"),
    JSON.stringify({
      ...{ http: stack.http, database: stack.databaseUrl, nats: stack.natsUrl },
      services: services.map((name) => ({ name, http: stack.service(name).http })),
    }),
  );
  const env = { ...plainEnvironment(), TAGWIRE_HOME: folder, TAGWIRE_ADMIN_KEY: stack.key };
  return {
    run: (name: "doctor" | "rebuild" | "tail", ...words: string[]): Promise<Ended> =>
      new Promise((resolve) => {
        const program = join(import.meta.dirname, "../local", `${name}.ts`);
        const child = execFile(process.execPath, [program, ...words], { env }, (_, out, err) =>
          resolve({ code: child.exitCode ?? -1, said: out + err }),
        );
        // Whoever follows stops it once it has told what there is.
        if (name === "tail")
          child.stdout?.on(
            "data",
            (text) => String(text).includes("site.created.v1") && child.kill("SIGINT"),
          );
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
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
  const isWhole = () =>
    eventually("there is a message of every event", async () => {
      const { state } = await streams.info("EVENTS");
      return state.messages === pos;
    });
  await isWhole();

  await using commands = await openCommands();
  const made = (await streams.info("EVENTS")).created;
  const { code, said } = await commands.run("rebuild", "stream", "--json");
  expect([code, JSON.parse(said)]).toEqual([0, { stream: "EVENTS", messages: pos, sites: 1 }]);
  expect((await streams.info("EVENTS")).created).not.toBe(made);
  await isWhole();
  expect(await commands.run("rebuild", "stream", "--site", "north")).toMatchObject({ code: 2 });
  expect(await commands.run("rebuild", "everything")).toMatchObject({ code: 2 });
  await connection.close();
});

test("dropping the manager's schema while running loses nothing, and what it shows is made anew by a command", async () => {
  await scanAll({ type: "rental", contract: "4711" });
  expect(await agreedTotals(stack)).toMatchObject({ total: 40, out: 40 });
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await sql`drop schema manager cascade`;
  await scanAll({ type: "delivery", contract: "4711" });
  expect(await agreedTotals(stack)).toMatchObject({ total: 40, out: 40 });

  await using commands = await openCommands();
  const { pos } = (await stack.call("GET", "/sites/north")).body as Site;
  await sql`update manager.item set status = 'ready' where site = 'north'`;
  const { code, said } = await commands.run("rebuild", "manager", "--site", "north", "--json");
  const { rebuilt } = JSON.parse(said) as { rebuilt: { site: string; position: string }[] };
  expect([code, rebuilt]).toEqual([0, [{ site: "north", position: expect.stringMatching(/^1:\d+$/) }]]);
  // An audit may have put its barrier into the log since.
  expect(Number(rebuilt[0]?.position.split(":")[1])).toBeGreaterThanOrEqual(pos);
  expect(await agreedTotals(stack)).toMatchObject({ total: 40, out: 40 });
  expect(await commands.run("rebuild", "manager", "--site", "nowhere")).toMatchObject({
    ...{ code: 1, said: expect.stringContaining("there is no site nowhere") },
  });
  await sql.end();

  const told = await commands.run("tail", "north", "--after", "0:0");
  expect(told).toMatchObject({ code: 0, said: expect.stringMatching(/1:1 {2}site\.created\.v1 {2}by /) });
  expect(await commands.run("tail", "nowhere")).toMatchObject({ code: 1 });

  await eventually("both sides agree again", async () => {
    const { body } = await stack.call("POST", "/sites/north/audits");
    return (body as Audit).verdict === "agree";
  });
  const well = await commands.run("doctor", "--json");
  const { ok, checks } = JSON.parse(well.said) as { ok: boolean; checks: { name: string; state: string }[] };
  expect([well.code, ok, checks.filter(({ state }) => state === "failed")]).toEqual([0, true, []]);
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["disk", "Postgres", "NATS", "EVENTS", ...services, "API", "north: screens"]),
  );
  await stack.service("manager").kill();
  const unwell = await commands.run("doctor");
  expect(unwell.code).toBe(3);
  expect(unwell.said).toContain("✗ manager: does not answer");
  expect(unwell.said).toContain("✓ operations: is ready");
});
