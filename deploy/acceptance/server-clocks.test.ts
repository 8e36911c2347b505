import { ask, openBus } from "@tagwire/bus";
import { AskFindings, AskRunAudit } from "@tagwire/messages";
import { eventually, quietLog, type StackService, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { tents, workADay } from "./test-day.ts";
import { keepScanning } from "./test-load.ts";

const site = "north";
const services = ["operations", "manager", "health-check"] as const satisfies StackService[];
const hourMs = 3_600_000;
/** The clock of each server is set forward, back past what is right, and right again, while all others are right. */
const jumps = services.flatMap((name) => [2 * hourMs, -2 * hourMs, 0].map((aheadMs) => ({ name, aheadMs })));
/** An audit waits for its barriers on a busy machine. */
const timeoutMs = 60_000;
const testTimeoutMs = 600_000;

test("the clocks of servers jump hours ahead and back while everybody scans, and no audit finds anything", {
  timeout: testTimeoutMs,
}, async () => {
  await using stack = await startStack({
    services: [...services],
    settableClocks: true,
    env: { AUDIT_EVERY_SECONDS: "86400", AUDIT_BARRIER_SECONDS: "300" },
  });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await workADay(bus, site);
  await using scanning = keepScanning(bus, {
    ...{ site, items: tents, strays: ["LOST-1"], skewsMs: [0], restMs: 150, contracts: ["1001"] },
  });
  const verdicts: string[] = [];
  for (const { name, aheadMs } of jumps) {
    await stack.setClock(name, aheadMs);
    const before = scanning.done();
    await eventually("somebody scans after it", async () => scanning.done() > before + 1 || undefined);
    const { audit } = await ask(bus, AskRunAudit, { site, by: "ann" }, { timeoutMs });
    verdicts.push(`${name} ${aheadMs / hourMs} ${audit.verdict}`);
  }
  await scanning.stop();

  expect(verdicts).toEqual(jumps.map(({ name, aheadMs }) => `${name} ${aheadMs / hourMs} agree`));
  const { findings } = await ask(bus, AskFindings, { site, limit: 100, cursor: null });
  expect(findings).toEqual([]);
  // The clock did jump, and the log never went back with it.
  const recorded = await sql<{ aheadHours: number; recorded: Date }[]>`
    select round(extract(epoch from recorded_at - now()) / 3600)::int as "aheadHours", recorded_at as recorded
    from operations.event where site = ${site} order by epoch, pos`;
  expect(recorded.at(-1)?.aheadHours).toBe(2);
  const instants = recorded.map((one) => one.recorded.getTime());
  expect(instants).toEqual(instants.toSorted((a, b) => a - b));
  await sql.end();
  await bus.close();
});
