import { setTimeout as wait } from "node:timers/promises";
import { ask, type Bus, openBus } from "@tagwire/bus";
import { AskFindings, AskRunAudit, type Audit } from "@tagwire/messages";
import { eventually, quietLog, type StackService, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openDesk, tents, workADay } from "./test-day.ts";
import { keepAsking, keepReading } from "./test-edges.ts";
import { keepScanning } from "./test-load.ts";
import { troublesOf } from "./test-troubles.ts";

/** Each of them is audited as often as it can be, all at once: whoever dies is missed by several audits, each somewhere else. */
const sites = ["north", "south", "east", "quay", "yard"];
/** Audits of one site rest between portions, while those of the others go on. */
const auditsWanted = 200;
const services = [
  "operations",
  "manager",
  "health-check",
  "reader-gateway",
  "api-gateway",
  "rfidpro-backup",
] as const satisfies StackService[];
/** A question whose answerer was killed is never answered; the next one joins the audit that is under way, if one is. */
const timeoutMs = 15_000;
const whileDownMs = 200;
/** An audit of a site that has just begun, among the others. */
const justMade = "west";
/** Each audit waits for what is being restarted; a busy machine takes minutes for all of them. */
const testTimeoutMs = 900_000;
const hourMs = 3_600_000;

/** Where a reader reads, and where somebody scans by way of the public edge. */
const [siteOfReaders, siteOfEdge] = ["quay", "yard"];

/** So long nobody scans after a few scans, at all sites together. */
const restMs = 400;

/** What is said once of an audit that did not come to its end, because a service had just died. */
const duringTrouble = new Set(["audit_incomplete", "lease_unheld"]);

/** What wrong clocks are found by, and they are wrong here. */
const seeded = new Set(["clock_ahead", "backdated", "late_arrival", "time_travel"]);

/** Clocks of devices that are right, an hour slow, an hour fast, and four days slow. */
const skewsMs = [0, 0, 0, -hourMs, hourMs, -96 * hourMs];

/** Audits a site again and again, and gives what every audit said. */
const keepAuditing = async (
  bus: Bus,
  {
    site,
    wanted = auditsWanted / sites.length,
    onDone,
  }: { site: string; wanted?: number; onDone: () => Promise<unknown> },
): Promise<Audit[]> => {
  const audits: Audit[] = [];
  while (audits.length < wanted) {
    const done = await ask(bus, AskRunAudit, { site, by: "ann" }, { timeoutMs }).catch(() => undefined);
    if (done === undefined) {
      await wait(whileDownMs);
      continue;
    }
    audits.push(done.audit);
    await onDone();
  }
  return audits;
};

test("two hundred audits while everybody scans and imports and a reader reads, every service and nats-server die, the stream is lost, Postgres is away and rows are made anew find the wrong clocks, and nothing else", {
  timeout: testTimeoutMs,
}, async () => {
  await using stack = await startStack({
    services: [...services],
    // A service that was killed takes a minute or more to be there again on a busy machine, which is no lag of the manager.
    env: { AUDIT_EVERY_SECONDS: "86400", AUDIT_BARRIER_SECONDS: "300" },
  });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  await Promise.all(sites.map((site) => workADay(bus, site)));
  await using loads = new AsyncDisposableStack();
  const reading = loads.use(await keepReading(stack, siteOfReaders));
  const asking = loads.use(await keepAsking(stack, siteOfEdge));
  const scanning = sites.map((site) =>
    loads.use(
      keepScanning(bus, {
        ...{ site, items: tents, strays: ["LOST-1", "LOST-2"], skewsMs, restMs: restMs * sites.length },
        contracts: ["1001", "1002", "2001", "2002"],
      }),
    ),
  );

  const troubles = await troublesOf(stack, bus, services);
  let [done, made] = [0, 0];
  let trouble: Promise<unknown> = Promise.resolve();
  const makeTrouble = async () => {
    done += 1;
    const next = troubles[made];
    if (next === undefined || done < ((made + 1) * auditsWanted) / (troubles.length + 1)) return;
    // One after the other: what one of them ends, the next one finds at work again.
    const before = trouble;
    made += 1;
    trouble = before.then(next);
  };
  const audits = (
    await Promise.all(sites.map((site) => keepAuditing(bus, { site, onDone: makeTrouble })))
  ).flat();
  await trouble;
  // A site of which nothing is known but that there is one.
  await openDesk(bus, "office", justMade).hand("site.create", {
    ...{ id: justMade, name: "West", timeZone: "America/Chicago" },
  });
  audits.push(...(await keepAuditing(bus, { site: justMade, wanted: 2, onDone: async () => {} })));
  for (const { stop } of [...scanning, reading, asking]) await stop();
  for (const scanned of scanning) expect(scanned.done()).toBeGreaterThan(auditsWanted / sites.length);
  expect(made).toBe(troubles.length);
  // Both were at work to the end, whoever had died between.
  expect(await reading.sighted()).toBeGreaterThan(troubles.length);
  expect(asking.done()).toBeGreaterThan(troubles.length);

  for (const site of sites) {
    const { findings } = await eventually("the health check answers", () =>
      ask(bus, AskFindings, { site, limit: 100, cursor: null }).catch(() => undefined),
    );
    // What did not come to its end because a service had just died is no finding before it happens twice.
    const clocks = findings.filter(({ code }) => seeded.has(code));
    expect(clocks.map(({ code, key, state }) => `${code} ${key} ${state}`).sort(), site).toEqual([
      "backdated tablet-1 open",
      "clock_ahead tablet-1 open",
      "late_arrival tablet-1 open",
      "time_travel tablet-1 open",
    ]);
    const opened = findings
      .filter(({ code }) => !seeded.has(code))
      // Twice in a row none came to its end, where a service was away for so long: that is so, and has to be over.
      .filter(({ code, state }) => !(duringTrouble.has(code) && state === "auto_healed"))
      .filter(
        ({ state, revision, reopened, dueAt }) =>
          state === "open" || dueAt !== null || revision + reopened > 1,
      );
    expect(
      opened.map(({ code, key, evidence }) => `${code} ${key} ${JSON.stringify(evidence)}`),
      site,
    ).toEqual([]);
  }
  const wrong = audits
    .filter(({ verdict }) => verdict !== "agree")
    .flatMap(({ found }) => found.map(({ code }) => code))
    .filter((code) => !duringTrouble.has(code) && !seeded.has(code));
  expect(wrong).toEqual([]);
  expect(audits.filter(({ verdict }) => verdict === "agree").length).toBeGreaterThan(auditsWanted * 0.9);
  await bus.close();
});
