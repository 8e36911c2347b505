import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { openBus } from "@tagwire/bus";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import type { Audit, Finding, Reader } from "@tagwire/messages";
import { eventually, quietLog, type Stack, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { auditedHouse } from "./test-troubles.ts";

/* What an audit says while those whom it asks are away, and of what a reader has heard. */

const setUpTimeoutMs = 180_000;
/** An audit waits half a minute for an owner who does not answer. */
const testTimeoutMs = 600_000;
const tag = "E2801191A50300000000000A";

let stack: Stack;
let tapes: string;
beforeAll(async () => {
  tapes = await mkdtemp(join(tmpdir(), "tagwire-outages-"));
  stack = await startStack({
    services: [...auditedHouse],
    env: { AUDIT_EVERY_SECONDS: "86400", RECORDINGS_DIR: tapes },
  });
  await stack.call("POST", "/sites", { id: "yard", name: "Yard", timeZone: "America/Chicago" });
  await stack.call("POST", "/sites/yard/items", { tag, class: "Crate" });
}, setUpTimeoutMs);
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  if (tapes !== undefined) await rm(tapes, { recursive: true, force: true });
});

/** Audits as often as it takes until one is answered: the edge does not wait as long as an audit may. */
const audit = async (): Promise<Audit> => {
  const before = await newest();
  await stack.call("POST", "/sites/yard/audits");
  return eventually(
    "the audit is done",
    async () => {
      const after = await newest();
      return after === undefined || after.id === before?.id ? undefined : after;
    },
    testTimeoutMs,
  );
};
const newest = async (): Promise<Audit | undefined> =>
  ((await stack.call("GET", "/sites/yard/audits?limit=1")).body as { data: Audit[] }).data[0];
const findings = async (): Promise<Finding[]> =>
  ((await stack.call("GET", "/sites/yard/findings?limit=200")).body as { data: Finding[] }).data;
const said = async (): Promise<string[]> =>
  (await findings())
    .filter(({ state }) => state !== "auto_healed")
    .map(({ code, key, state }) => `${code} ${key} ${state}`)
    .sort();

test(
  "a finding about a thing shows the raw reads behind what a reader said of it last, and the recording that has their frames",
  async () => {
    const world: TagSource = { sees: (antenna) => (antenna === 1 ? [{ epc: tag, rssiDbm: -55 }] : []) };
    const metal = await startLlrpReader({ world, seed: 7 });
    try {
      const antennas = [{ port: 1, place: "dock" }];
      const dock = {
        id: "dock",
        driver: "llrp",
        address: metal.address,
        antennas,
        rules: { reReportMs: 1_000 },
      };
      expect((await stack.call("POST", "/sites/yard/readers", dock)).status).toBe(201);
      const reader = async () => (await stack.call("GET", "/sites/yard/readers/dock")).body as Reader;
      await eventually("it reads", async () => (await reader()).counts.reads > 0);
      const begun = await stack.call("POST", "/sites/yard/readers/dock:record");
      expect(begun.status).toBe(200);
      const { accepted } = (await reader()).counts;
      await eventually("more was taken", async () => (await reader()).counts.accepted >= accepted + 3);
      await stack.call("POST", "/sites/yard/readers/dock:stop-recording");
      await stack.call("POST", "/sites/yard/readers/dock:stop");
      await eventually("all is taken", async () => {
        const { pending, held } = (await reader()).counts;
        return pending === 0 && held === 0;
      });
    } finally {
      await metal.stop();
    }
    expect((await audit()).verdict).toBe("agree");

    const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
    await sql`update operations.item set notes = 'somebody was here' where tag = ${tag}`;
    await audit();
    const [found] = (await findings()).filter(({ code }) => code === "state_unexplained");
    const detail = (await stack.call("GET", `/sites/yard/findings/${found?.id}`)).body as Finding;
    const reads = detail.evidence.reads ?? [];
    expect(reads.length).toBeGreaterThan(1);
    for (const one of reads) {
      expect(one).toMatchObject({ reader: "dock", antenna: 1, peakRssiDbm: -55 });
      expect(one.reads).toBeGreaterThan(0);
      expect(Date.parse(one.firstHeardAt ?? "")).toBeLessThanOrEqual(Date.parse(one.lastHeardAt ?? ""));
    }
    const kept = (await stack.call("GET", "/sites/yard/readers/dock/recordings")).body as {
      data: { name: string }[];
    };
    expect(reads.flatMap(({ recordings = [] }) => recordings)).toContain(kept.data[0]?.name);
    await sql`update operations.item set notes = null where tag = ${tag}`;
    await sql.end();
    await audit();
    await audit();
    expect(await said()).toEqual([]);
  },
  testTimeoutMs,
);

/** Longer than an event takes to be in the stream when all is well. */
const relayedWithinMs = 60_000;

test(
  "events do not leave, and who owns the site hangs: each is found while it is so, and over when it is over",
  async () => {
    const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
    const { streams } = await jetstreamManager(bus.connection);
    const { config } = await streams.info("EVENTS");
    // Another one has taken the subjects of the stream, takes no message, and is in the way of whoever would make it anew.
    await streams.delete("EVENTS");
    await streams.add({ name: "OTHERS", subjects: config.subjects, max_msg_size: 1 });
    expect(
      (await stack.call("POST", "/sites/yard/items", { tag: "SAID-INTO-NO-STREAM", class: "Crate" })).status,
    ).toBe(201);
    const saidAtMs = Date.now();

    process.kill(stack.service("operations").pid, "SIGSTOP");
    expect((await audit()).verdict).toBe("incomplete");
    expect(await said()).toEqual(["audit_incomplete audit suspect", "lease_unheld owner suspect"]);
    expect((await audit()).verdict).toBe("incomplete");
    expect(await said()).toEqual(["audit_incomplete audit open", "lease_unheld owner open"]);

    process.kill(stack.service("operations").pid, "SIGCONT");
    await eventually(
      "what was said has waited for long",
      () => Date.now() - saidAtMs > relayedWithinMs,
      testTimeoutMs,
    );
    await audit();
    expect(await said()).toContain("outbox_stuck stream suspect");
    await audit();
    expect(await said()).toEqual(["outbox_stuck stream open"]);

    await streams.delete("OTHERS");
    // The stream is made anew, and all that waited leaves one after the other: until it has, it waits too long.
    await eventually(
      "it left, and nobody says otherwise",
      async () => {
        await audit();
        return (await said()).length === 0;
      },
      testTimeoutMs,
    );
    expect((await audit()).verdict).toBe("agree");
    await bus.close();
  },
  testTimeoutMs,
);
