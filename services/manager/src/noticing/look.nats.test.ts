import { answer } from "@tagwire/bus";
import {
  Alert,
  AlertDetail,
  AskAudits,
  AskFindings,
  AskScreenLag,
  type Audit,
  type By,
  ClassDefined,
  ItemSighted,
  lagBucketOf,
  lagDistribution,
  newId,
  noLags,
  type Reader,
} from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAlertRule, deleteAlertRule, patchAlertRule } from "../answers/alert-rules.ts";
import { actOnAlert, answerAlert, answerAlerts, answerAlertsSnapshot } from "../answers/alerts.ts";
import { type AlertsGround, alertsGround, sampleAlerts } from "../test-alerts.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { enter, foundSite } from "../test-records.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const startMs = Date.parse("2026-03-02T08:00:00Z");
const by = { person: "ann" };
const site = "north";

let ground: AlertsGround;
beforeAll(async () => {
  ground = await alertsGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

const sample = (log: SampleLog, timeZone?: string) => sampleAlerts(log, timeZone, ground);

/** A site with so many items, some of them in another status. */
const stock = (count: number, stepMs = 1_000) => {
  const log = sampleLog({ site, startMs, stepMs });
  for (let at = 0; at < count; at += 1)
    log.happen({ kind: "create", tag: `T${at}`, class: at % 2 === 0 ? "tent" : "table", status: "ready" });
  return log;
};

test("what is missing is one alert with a count and examples, which grows, is taken up and ends with what it is about", async () => {
  const log = stock(30);
  await using alerts = await sample(log);
  const rule = await alerts.onlyRule({ kind: "missing", name: "Missing", params: {} });
  await alerts.project();
  await alerts.look(startMs);
  expect(await alerts.alerts()).toEqual([]);

  for (let at = 0; at < 25; at += 1) log.happen({ kind: "move", tag: `T${at}`, status: "missing" });
  await alerts.project();
  await alerts.look(startMs + minuteMs);
  // The same again, by whoever looks: nothing is new.
  expect(await alerts.look(startMs + minuteMs + 30_000)).toMatchObject({ turns: 0 });
  const [alert] = await alerts.alerts();
  expect(Value.Errors(Alert, alert)).toEqual([]);
  expect(alert).toMatchObject({ rule, state: "raised", count: 25, epoch: 1, pos: log.events.length });
  expect(alert?.asOf).toBe(new Date(startMs + minuteMs).toISOString());
  expect(alert?.examples).toHaveLength(20);
  expect(alert?.examples[0]).toMatchObject({ key: "T0", detail: "tent" });
  const id = alert?.id ?? "";

  const taken = await actOnAlert(alerts.desk, { site, id, by, act: "acknowledge", why: "on it" });
  expect(taken.alert).toMatchObject({ state: "acknowledged", acknowledgedBy: "ann" });
  expect(await actOnAlert(alerts.desk, { site, id, by, act: "acknowledge" })).toEqual(taken);

  log.happen({ kind: "move", tag: "T29", status: "missing" });
  await alerts.project();
  await alerts.look(startMs + 3 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ id, state: "acknowledged", count: 26 }]);

  for (const tag of log.items.keys()) log.happen({ kind: "move", tag, status: "ready" });
  await alerts.project();
  await alerts.look(startMs + 4 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ id, state: "resolved", resolvedBy: "itself", count: 0 }]);
  log.happen({ kind: "move", tag: "T1", status: "missing" });
  await alerts.project();
  await alerts.look(startMs + 5 * minuteMs);
  expect(await alerts.historyOf(id)).toEqual(["raised", "acknowledged", "grew", "resolved", "reopened"]);

  const { alert: detail } = await answerAlert(alerts.desk, { site, id });
  expect(Value.Errors(AlertDetail, detail)).toEqual([]);
  expect(detail?.history.at(-2)).toMatchObject({ what: "acknowledged", by: "ann", why: "on it", count: 25 });
  expect(detail?.notifications.map(({ what, channel, state }) => [what, channel, state])).toEqual([
    ["reopened", "in_app", "sent"],
    ["grew", "in_app", "sent"],
    ["raised", "in_app", "sent"],
  ]);

  // The live view tells each of it in one chain, and a snapshot is what they add up to.
  await eventually("all is heard", () => alerts.heard.length >= 5);
  expect(alerts.heard.map(({ prev, pos }) => [prev, pos])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
  ]);
  expect(alerts.heard[3]?.changes).toEqual([{ key: id, version: 4, del: true }]);
  const snapshot = await answerAlertsSnapshot(alerts.desk, { site, cursor: null });
  expect(snapshot).toMatchObject({
    known: true,
    pos: 5,
    generation: alerts.heard[0]?.generation,
    next: null,
  });
  const last = alerts.heard.at(-1)?.changes[0];
  expect(snapshot.rows).toEqual([{ key: id, ...(last !== undefined && "put" in last ? last.put : {}) }]);
});

test("nothing is raised, and nothing ends, while the projection lags or is being made again", async () => {
  const log = stock(4);
  await using alerts = await sample(log);
  await alerts.onlyRule({ kind: "missing", name: "Missing", params: {} });
  log.happen({ kind: "move", tag: "T1", status: "missing" });
  await alerts.project();
  await alerts.look(startMs, { isLevel: false });
  expect(await alerts.alerts()).toEqual([]);
  await alerts.look(startMs);
  const raised = await alerts.alerts();
  expect(raised).toHaveLength(1);
  await alerts.projection`delete from item`;
  await alerts.look(startMs + minuteMs, { isLevel: false });
  await alerts.projection`drop schema manager cascade`;
  await alerts.look(startMs + minuteMs);
  expect(await alerts.alerts()).toEqual(raised);
});

test("items wait too long in a queue since the fact that led there, each queue an alert of its own", async () => {
  const log = stock(6, minuteMs);
  await using alerts = await sample(log);
  await alerts.onlyRule({ kind: "queue_age", name: "Queues", params: { hours: { wash: 2, repair: 5 } } });
  for (const [tag, status] of [
    ["T0", "wash"],
    ["T1", "wash"],
    ["T2", "repair"],
    ["T3", "inspect"],
  ] as const)
    log.happen({ kind: "move", tag, status });
  const wetMs = startMs + log.events.length * minuteMs;
  // Being seen there is no way out.
  log.happen({ kind: "sight", tag: "T0" });
  await alerts.project();
  await alerts.look(wetMs + hourMs);
  expect(await alerts.alerts()).toEqual([]);
  await alerts.look(wetMs + 3 * hourMs);
  expect(await alerts.alerts()).toMatchObject([
    { group: "wash", count: 2, examples: [{ key: "T0" }, { key: "T1" }] },
  ]);
  await alerts.look(wetMs + 6 * hourMs);
  expect((await alerts.alerts()).map(({ group }) => group).sort()).toEqual(["repair", "wash"]);
});

test("stale is what no scan has touched for the limit of its place; a refused scan touches, what is gone is not waited for", async () => {
  const log = stock(6);
  await using alerts = await sample(log);
  const params = { days: 360, limits: [{ name: "Resale", days: 90 }] };
  await alerts.onlyRule({ kind: "stale", name: "Stale", params });
  log.happen({ kind: "move", tag: "T0", status: "ready", place: "resale" });
  log.happen({ kind: "move", tag: "T1", status: "ready", place: "rack-1" });
  log.happen({ kind: "move", tag: "T2", status: "sold", place: "resale" });
  await alerts.project();
  // What it is for counts before where it is.
  await alerts.projection`update item set role = 'resale', place = 'rack-2' where tag = 'T3'`;
  const day = 24 * hourMs;
  await alerts.look(startMs + 89 * day);
  expect(await alerts.alerts()).toEqual([]);
  await alerts.look(startMs + 91 * day);
  expect(await alerts.alerts()).toMatchObject([
    {
      group: "Resale",
      count: 2,
      examples: [
        { key: "T3", detail: "resale" },
        { key: "T0", detail: "resale" },
      ],
    },
  ]);
  await alerts.look(startMs + 361 * day);
  expect((await alerts.alerts()).map(({ group, count }) => [group, count])).toEqual([
    ["", 3],
    ["Resale", 2],
  ]);
  await alerts.projection`update item set seen_at = null`;
  for (const tag of ["T0", "T1", "T3", "T4", "T5"]) log.happen({ kind: "refuse", tag });
  await alerts.project();
  const seen = await alerts.projection<{ seen: number }[]>`select count(seen_at)::int as seen from item`;
  expect(seen[0]?.seen).toBe(5);
  await alerts.look(startMs + day);
  expect((await alerts.alerts()).map(({ state }) => state)).toEqual(["resolved", "resolved"]);
});

test("a contract is overdue from the site's own midnight after the day it was due, until its goods are back", async () => {
  const log = sampleLog({ site, startMs, stepMs: 1_000 });
  foundSite(log, "America/Los_Angeles");
  for (const tag of ["T0", "T1", "T2", "T3"])
    log.happen({ kind: "create", tag, class: "tent", status: "ready" });
  await using alerts = await sample(log, "America/Los_Angeles");
  const rule = await alerts.onlyRule({ kind: "overdue", name: "Overdue", params: {} });
  // Due at 17:00 of the 4th in Los Angeles, which is the 5th in UTC.
  enter(log, { kind: "open", contract: "1001", dueAt: "2026-03-05T01:00:00Z" });
  enter(log, { kind: "open", contract: "1002", dueAt: "2026-03-20T01:00:00Z" });
  // Nothing of this one ever left.
  enter(log, { kind: "open", contract: "1003", dueAt: "2026-03-05T01:00:00Z" });
  enter(log, { kind: "open", contract: "1004" });
  const lent = { T0: "1001", T1: "1001", T2: "1002", T3: "1004" };
  for (const [tag, contract] of Object.entries(lent)) enter(log, { kind: "rent", tag, contract });
  await alerts.project();
  const midnightMs = Date.parse("2026-03-05T08:00:00Z");
  await alerts.look(midnightMs - 1);
  expect(await alerts.alerts()).toEqual([]);
  await alerts.look(midnightMs);
  const since = new Date(midnightMs).toISOString();
  expect(await alerts.alerts()).toMatchObject([
    {
      ...{ rule, kind: "overdue", group: "rental", state: "raised", count: 1, pos: log.events.length },
      examples: [{ key: "1001", since, detail: "of 1001" }],
    },
  ]);
  const id = (await alerts.alerts())[0]?.id ?? "";

  await alerts.look(midnightMs + 20 * 24 * hourMs);
  expect(await alerts.alerts()).toMatchObject([{ count: 2, examples: [{ key: "1001" }, { key: "1002" }] }]);
  // Part of it is not all of it.
  enter(log, { kind: "bring", tag: "T0" });
  enter(log, { kind: "bring", tag: "T2" });
  await alerts.project();
  await alerts.look(midnightMs + 21 * 24 * hourMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "raised", count: 1, examples: [{ key: "1001" }] }]);
  enter(log, { kind: "bring", tag: "T1" });
  await alerts.project();
  await alerts.look(midnightMs + 22 * 24 * hourMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "resolved", resolvedBy: "itself" }]);
  expect(await alerts.historyOf(id)).toEqual(["raised", "grew", "shrank", "resolved"]);
  const { alert } = await answerAlert(alerts.desk, { site, id });
  expect(Value.Errors(AlertDetail, alert)).toEqual([]);
  expect(alert?.notifications.map(({ what, state }) => [what, state])).toEqual([
    ["grew", "sent"],
    ["raised", "sent"],
  ]);
  await eventually("the live view has heard of it", () => alerts.heard.length === 4);
  expect(alerts.heard.at(-1)?.changes).toEqual([{ key: id, version: 4, del: true }]);
});

test("days that nobody minds, and contracts of other kinds, are no overdue contracts", async () => {
  const log = stock(2);
  await using alerts = await sample(log);
  const id = await alerts.onlyRule({ kind: "overdue", name: "Overdue", params: { days: 3 } });
  enter(log, { kind: "open", contract: "1001", dueAt: "2026-03-04T12:00:00Z" });
  enter(log, { kind: "rent", tag: "T0", contract: "1001" });
  await alerts.project();
  await alerts.look(Date.parse("2026-03-07T23:59:59Z"));
  expect(await alerts.alerts()).toEqual([]);
  const patch = { params: { days: 3, kinds: ["laundry" as const] } };
  await patchAlertRule(alerts.desk, { site, id, by, patch });
  await alerts.look(Date.parse("2026-03-08T00:00:00Z"));
  expect(await alerts.alerts()).toEqual([]);
  await patchAlertRule(alerts.desk, { site, id, by, patch: { params: { days: 3, kinds: ["rental"] } } });
  await alerts.look(Date.parse("2026-03-08T00:00:00Z"));
  // It is overdue since the day after, whatever is minded.
  expect(await alerts.alerts()).toMatchObject([
    { group: "rental", examples: [{ key: "1001", since: "2026-03-05T00:00:00.000Z" }] },
  ]);
});

test("tags whose scans wait are findings by their code, each told once, until somebody commissions them", async () => {
  const log = stock(2);
  await using alerts = await sample(log);
  const id = await alerts.onlyRule({ kind: "finding_opened", name: "Findings", params: {} });
  const [first] = log.happen({ kind: "sight", tag: "stranger" });
  log.happen({ kind: "sight", tag: "stranger" });
  await alerts.project();
  await alerts.look(startMs + minuteMs);
  const stranger = { key: "stranger", since: first?.recordedAt };
  expect(await alerts.alerts()).toMatchObject([
    { group: "tag_unknown", count: 1, examples: [{ ...stranger, detail: "2 scans" }] },
  ]);
  // Another scan of it is the same finding, since the same moment.
  log.happen({ kind: "sight", tag: "stranger" });
  log.happen({ kind: "sight", tag: "another" });
  await alerts.project();
  await alerts.look(startMs + 2 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([
    {
      count: 2,
      examples: [
        { ...stranger, detail: "3 scans" },
        { key: "another", detail: "1 scan" },
      ],
    },
  ]);
  log.happen({ kind: "create", tag: "stranger", class: "tent", status: "ready" });
  await alerts.project();
  await alerts.look(startMs + 3 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "raised", count: 1 }]);
  // A rule goes by severity and by any code, also by one that nothing finds so far: then it says so, and finds nothing.
  const states: unknown[] = [];
  for (const [index, params] of [
    { severities: ["critical" as const] },
    { severities: ["warning" as const] },
    { codes: ["stock_differs"] },
    { codes: ["stock_differs", "tag_unknown"] },
  ].entries()) {
    const { warnings } = await patchAlertRule(alerts.desk, { site, id, by, patch: { params } });
    await alerts.look(startMs + (4 + index) * minuteMs);
    states.push([(await alerts.alerts())[0]?.state, ...warnings.map(({ code }) => code)]);
  }
  const unfound = "finding_code_unknown";
  expect(states).toEqual([["resolved"], ["raised"], ["resolved", unfound], ["raised", unfound]]);
});

test("that no audit takes place is an alert after eleven minutes, though no health-check is there to say so, and until one takes place", async () => {
  await using alerts = await sample(stock(1));
  await alerts.onlyRule({ kind: "finding_opened", name: "Findings", params: { severities: ["warning"] } });
  await alerts.project();
  const groups: string[] = [];
  for (let minute = 0; minute <= 12; minute += 1) {
    await alerts.look(startMs + minute * minuteMs);
    groups.push(...(await alerts.alerts()).map(({ group }) => `${group} ${minute}`));
  }
  expect(groups).toEqual(["audit_late 12"]);
  const newest = { startedAt: new Date(startMs + 12 * minuteMs).toISOString() } as Audit;
  answer(alerts.bus, AskAudits, async () => ({ audits: [newest], next: null, everyMs: 300_000 }));
  answer(alerts.bus, AskFindings, async () => ({ findings: [], next: null }));
  await alerts.bus.connection.flush();
  await alerts.look(startMs + 13 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ group: "audit_late", state: "resolved" }]);
});

test("a figure over its threshold for long enough, also when another process goes on looking", async () => {
  const log = stock(3);
  await using alerts = await sample(log);
  await alerts.onlyRule({
    kind: "threshold",
    name: "Unknown tags",
    severity: "critical",
    params: { figure: "/totals/quarantined", comparator: ">=", value: 2, clearValue: 1, forSeconds: 90 },
  });
  log.happen({ kind: "sight", tag: "stranger" });
  log.happen({ kind: "sight", tag: "stranger" });
  await alerts.project();
  await alerts.look(startMs);
  await alerts.look(startMs + minuteMs);
  expect(await alerts.alerts()).toEqual([]);
  // Everything that was watched is in the store: nothing in this process says how long it was so.
  await alerts.look(startMs + 91_000);
  expect(await alerts.alerts()).toMatchObject([
    { state: "raised", severity: "critical", examples: [{ key: "/totals/quarantined", detail: "2" }] },
  ]);
  log.happen({ kind: "create", tag: "stranger", class: "tent", status: "ready" });
  await alerts.project();
  await alerts.look(startMs + 2 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "resolved" }]);
});

test("how far screens are behind is asked where they are, and while nobody says it an alert of it stays", async () => {
  const log = stock(1);
  await using alerts = await sample(log);
  const figure = "/boards/lag/recordToScreen/p99Ms";
  await alerts.onlyRule({
    ...{ kind: "threshold", name: "Slow screens" },
    params: { figure, comparator: ">", value: 500, forSeconds: 0 },
  });
  await alerts.project();
  await alerts.look(startMs);
  expect(await alerts.alerts()).toEqual([]);

  const asked: unknown[] = [];
  const screensTake = async (maxMs: number) => {
    const recordToScreen = lagDistribution({ counts: noLags.with(lagBucketOf(maxMs), 5), maxMs });
    const told = answer(alerts.bus, AskScreenLag, async (question) => {
      asked.push(question);
      return { recordToScreen };
    });
    await alerts.bus.connection.flush();
    return told;
  };
  const slow = await screensTake(700);
  await alerts.look(startMs + minuteMs);
  expect(asked).toEqual([{ site, from: new Date(startMs - 58 * minuteMs).toISOString() }]);
  const [raised] = await alerts.alerts();
  expect(raised).toMatchObject({ state: "raised", examples: [{ key: figure }] });
  await slow.stop();
  await alerts.look(startMs + 2 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "raised" }]);

  await screensTake(40);
  await alerts.look(startMs + 3 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "resolved" }]);
});

test("what handing items ahead was worth can be watched, from the days that are kept of it", async () => {
  const log = stock(1);
  await using alerts = await sample(log);
  const figure = "/boards/prefetch/arms/predicted/hitRatio";
  await alerts.onlyRule({
    ...{ kind: "threshold", name: "Devices hold the wrong things" },
    params: { figure, comparator: "<", value: 0.5, forSeconds: 0 },
  });
  await alerts.project();
  const kept = (day: string, arm: string, hits: number) => alerts.notices`
    insert into prefetch_day (site, device, day, arm, lookups, hits) values (${site}, 'sled-1', ${day}::text::date, ${arm}, 10, ${hits})`;
  // Of the other arm, and of before the four weeks that count.
  await kept("2026-03-01", "recents", 1);
  await kept("2026-01-01", "predicted", 0);
  await alerts.look(startMs);
  expect(await alerts.alerts()).toEqual([]);

  await kept("2026-03-02", "predicted", 4);
  await alerts.look(startMs + minuteMs);
  expect(await alerts.alerts()).toMatchObject([
    { state: "raised", examples: [{ key: figure, detail: "0.4" }] },
  ]);
  await alerts.notices`update prefetch_day set hits = 9 where day = '2026-03-02'`;
  await alerts.look(startMs + 2 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "resolved" }]);
});

test.each([
  { figure: "/boards/queues/counts/wash.service/items", value: 2, detail: "3" },
  { figure: "/boards/utilisation/rows/tent/available", value: 2, detail: "2" },
  { figure: "/boards/utilisation/totals/available", value: 2, detail: "3" },
  { figure: "/boards/lag/deviceToRecord/p99Ms", value: 1, detail: expect.stringMatching(/^\d/) },
  { figure: "/categories/Tents/inService", value: 3, detail: "3" },
  { figure: "/categories/Tents/subcategories/Frames/inService", value: 3, detail: "3" },
  { figure: "/categories/Lamps/total", value: 0, detail: undefined },
  { figure: "/boards/contracts/counts/overdue", value: 1, detail: undefined },
  { figure: "/boards/sessions/counts/open", value: 1, detail: undefined },
])("$figure can be watched", async ({ figure, value, detail }) => {
  const log = stock(3);
  await using alerts = await sample(log);
  await alerts.onlyRule({
    ...{ kind: "threshold", name: "Board", params: { figure, comparator: ">=", value, forSeconds: 0 } },
  });
  log.write(ClassDefined.type, undefined, {
    class: "tent",
    set: { name: "Tent", category: "Tents", subcategory: "Frames" },
  });
  for (const tag of ["w1", "w2", "w3"]) log.happen({ kind: "create", tag, class: "tent", status: "wash" });
  log.happen({ kind: "sight", tag: "T0" });
  await alerts.project();
  await alerts.look(startMs + minuteMs);
  expect((await alerts.alerts()).map(({ examples }) => examples[0])).toEqual(
    detail === undefined ? [] : [expect.objectContaining({ key: figure, detail })],
  );
});

test.each([
  { figure: "/boards/throughput/rows/device.sled-1/lastHour/scans", comparator: "<", value: 4, detail: "3" },
  { figure: "/boards/throughput/rows/device.sled-1/lastDay/rejected", value: 1, detail: "2" },
  // Who has scanned at all is known with zeros.
  { figure: "/boards/throughput/rows/person.bob/lastDay/scans", comparator: "<=", value: 0, detail: "0" },
  { figure: "/boards/throughput/totals/person/lastDay/scans", value: 5, detail: "5" },
  { figure: "/boards/throughput/totals/reader/lastDay/scans", value: 1, detail: undefined },
  // Who never did is no figure, and so over no threshold.
  {
    figure: "/boards/throughput/rows/device.sled-9/lastDay/scans",
    comparator: "<",
    value: 1,
    detail: undefined,
  },
  { figure: "/boards/stale/items", value: 2, detail: "2" },
  { figure: "/boards/stale/rest/items", value: 1, detail: "1" },
  { figure: "/boards/stale/limits/RACK/items", value: 1, detail: "1" },
  { figure: "/boards/stale/limits/RACK/days", value: 2, detail: "2" },
  { figure: "/boards/flagged/lastHour/scans", value: 1, detail: "4" },
  { figure: "/boards/flagged/lastHour/marks/rejected", value: 2, detail: "2" },
  { figure: "/boards/flagged/lastDay/marks/late", value: 2, detail: "2" },
  { figure: "/boards/flagged/lastDay/marks/backdated", value: 1, detail: undefined },
] as const)(
  "$figure of scans and what was not scanned can be watched",
  async ({ figure, value, detail, ...rest }) => {
    const log = stock(3);
    const [item] = log.items.values();
    if (item === undefined) throw new Error("no item");
    const scans = (count: number, atMs: number, about: { late?: boolean; outcome?: "rejected"; by: By }) => {
      for (let at = 0; at < count; at += 1)
        log.change(item, ItemSighted.type, about.outcome === undefined ? {} : { outcome: about.outcome }, {
          ...{ by: about.by, scanId: newId(), recordedAtMs: atMs + at },
          scannedAtMs: atMs - (about.late === true ? hourMs : 0),
        });
    };
    const nowMs = startMs + 5 * dayMs + 30 * minuteMs;
    log.happen({ kind: "move", tag: "T1", status: "ready", place: "rack" });
    scans(1, startMs + 3 * dayMs, { by: { person: "bob", device: "sled-2" } });
    scans(2, nowMs - 3 * hourMs, { by: { person: "ana", device: "sled-1" } });
    scans(1, nowMs - hourMs, { by: { person: "ana", device: "sled-1" } });
    scans(2, nowMs - 40 * minuteMs, { by: { person: "ana", device: "sled-1" }, outcome: "rejected" });
    scans(2, nowMs - 10 * minuteMs, { by: { device: "sled-2" }, late: true });

    await using alerts = await sample(log);
    const params = { figure, comparator: ">=" as const, value, forSeconds: 0, ...rest };
    await alerts.onlyRule({ kind: "threshold", name: "Board", params });
    const limits = { days: 4, limits: [{ name: "RACK", days: 2 }] };
    const stale = { kind: "stale" as const, name: "Stale", params: limits };
    await createAlertRule(alerts.desk, { site, id: newId(), by, rule: stale });
    await alerts.project();
    await alerts.look(nowMs);
    const found = (await alerts.alerts()).filter(({ kind }) => kind === "threshold");
    expect(found.map(({ examples }) => examples[0])).toEqual(
      detail === undefined ? [] : [expect.objectContaining({ key: figure, detail })],
    );
  },
);

test("each silent reader is an alert; while nobody says how readers are nothing changes", async () => {
  const log = stock(1);
  await using alerts = await sample(log);
  await alerts.onlyRule({ kind: "reader_silent", name: "Reader", params: { minutes: 3 } });
  await alerts.project();
  const reader = (id: string, status: Reader["status"], reads: number) => ({
    ...{ id, enabled: true, status },
    counts: { reads } as Reader["counts"],
  });
  const lookFor = async (minutes: number) => {
    for (let minute = 0; minute <= minutes; minute += 1) await alerts.look(startMs + minute * minuteMs);
  };
  alerts.readers.now = [reader("dock", "backoff", 0), reader("gate", "inventory", 1)];
  await lookFor(3);
  expect(await alerts.alerts()).toMatchObject([{ group: "dock", state: "raised", count: 1 }]);
  alerts.readers.now = undefined;
  await alerts.look(startMs + 4 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ group: "dock", state: "raised" }]);
  // That nobody says so is a finding of its own once it has lasted, and no reader's alert moves by it.
  for (const minute of [5, 6, 7]) await alerts.look(startMs + minute * minuteMs);
  const byGroup = async () => new Map((await alerts.alerts()).map((alert) => [alert.group, alert]));
  const unheard = await byGroup();
  expect(unheard.get("")).toMatchObject({
    ...{ state: "raised", examples: [{ key: "north", detail: "the reader-gateway does not answer" }] },
  });
  expect(unheard.get("dock")).toMatchObject({ state: "raised" });
  // Heard of again and silent as before: it was never over, and nobody is told of it anew.
  alerts.readers.now = [reader("dock", "backoff", 0), reader("gate", "inventory", 1)];
  await alerts.look(startMs + 7.5 * minuteMs);
  const again = await byGroup();
  expect(again.get("dock")).toMatchObject({ state: "raised", reopened: 0 });
  expect([again.size, again.get("")?.state]).toEqual([2, "resolved"]);
  alerts.readers.now = [reader("dock", "inventory", 1), reader("gate", "inventory", 1)];
  await alerts.look(startMs + 8 * minuteMs);
  const heard = await byGroup();
  expect([heard.get("")?.state, heard.get("dock")?.state]).toEqual(["resolved", "resolved"]);
});

test("snoozed until its time, escalated when nobody takes it up, refused where it makes no sense", async () => {
  const log = stock(3);
  await using alerts = await sample(log);
  await alerts.onlyRule({ kind: "missing", name: "Missing", params: {}, escalateAfterMinutes: 10 });
  log.happen({ kind: "move", tag: "T1", status: "missing" });
  await alerts.project();
  const nowMs = Date.now();
  await alerts.look(nowMs);
  const id = (await alerts.alerts())[0]?.id ?? "";
  const until = new Date(nowMs + hourMs).toISOString();
  await actOnAlert(alerts.desk, { site, id, by, act: "snooze", until, why: "the crew looks for it" });
  await alerts.look(nowMs + hourMs - 1);
  expect(await alerts.alerts()).toMatchObject([{ state: "snoozed", snoozedUntil: until }]);
  await alerts.look(nowMs + hourMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "raised" }]);
  // Time goes on while the projection lags, too: nobody took it up.
  await alerts.look(nowMs + hourMs + 10 * minuteMs, { isLevel: false });
  expect(await alerts.alerts()).toMatchObject([{ state: "escalated" }]);
  expect(await alerts.historyOf(id)).toEqual(["raised", "snoozed", "woke", "escalated"]);
  await actOnAlert(alerts.desk, { site, id, by, act: "snooze", until });
  await alerts.look(nowMs + hourMs + 2 * minuteMs, { isLevel: false });
  expect(await alerts.alerts()).toMatchObject([{ state: "raised", snoozedUntil: null }]);
  await actOnAlert(alerts.desk, { site, id, by, act: "resolve" });
  await alerts.look(nowMs + 2 * hourMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "resolved", resolvedBy: "person" }]);
  const refused = actOnAlert(alerts.desk, { site, id, by, act: "acknowledge" });
  await expect(refused).rejects.toMatchObject({ code: "alert_act_refused" });
  const unknown = actOnAlert(alerts.desk, { site, id: newId(), by, act: "resolve" });
  await expect(unknown).rejects.toMatchObject({ code: "alert_unknown" });
});

test("a rule that is switched off or deleted lets go; alerts of a deleted rule stay as history", async () => {
  const log = stock(3);
  await using alerts = await sample(log);
  const id = await alerts.onlyRule({ kind: "missing", name: "Missing", params: {} });
  log.happen({ kind: "move", tag: "T1", status: "missing" });
  await alerts.project();
  await alerts.look(startMs);
  await patchAlertRule(alerts.desk, { site, id, by, patch: { enabled: false } });
  await alerts.look(startMs + minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "resolved", resolvedBy: "person" }]);
  await patchAlertRule(alerts.desk, { site, id, by, patch: { enabled: true } });
  await alerts.look(startMs + 2 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "raised", reopened: 1 }]);
  expect(await deleteAlertRule(alerts.desk, { site, id, by })).toEqual({ deleted: true });
  expect(await deleteAlertRule(alerts.desk, { site, id, by })).toEqual({ deleted: false });
  await alerts.look(startMs + 3 * minuteMs);
  const [alert] = await alerts.alerts();
  expect(alert?.state).toBe("resolved");
  const { alert: detail } = await answerAlert(alerts.desk, { site, id: alert?.id ?? "" });
  expect(detail?.history[0]).toMatchObject({ what: "resolved", by: "ann", why: "the rule was deleted" });
});

test("alerts come in pages, newest first, by state and kind", async () => {
  const log = stock(1);
  await using alerts = await sample(log);
  await alerts.onlyRule({ kind: "reader_silent", name: "Reader", params: { minutes: 1 } });
  await alerts.project();
  alerts.readers.now = Array.from({ length: 130 }, (_, at) => ({
    ...{ id: `r${at}`, enabled: true, status: "backoff" as const },
    counts: { reads: 0 } as Reader["counts"],
  }));
  for (const minute of [0, 1]) await alerts.look(startMs + minute * minuteMs);
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await answerAlerts(alerts.desk, { site, limit: 50, cursor, states: ["raised"] });
    ids.push(...page.alerts.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  expect(new Set(ids).size).toBe(130);
  expect(ids).toEqual([...ids].sort().reverse());
  const none = await answerAlerts(alerts.desk, { site, limit: 50, cursor: null, kinds: ["missing"] });
  expect(none).toEqual({ alerts: [], next: null });
  // More than one commit may hold: each is said, and they form one chain.
  await eventually("both are heard", () => alerts.heard.length === 2);
  expect(alerts.heard.map(({ changes }) => changes.length)).toEqual([100, 30]);
  await expect(answerAlerts(alerts.desk, { site, limit: 1, cursor: "x" })).rejects.toMatchObject({
    code: "malformed",
  });
});
