import { isDeepStrictEqual } from "node:util";
import { makeRfidproData, startLlrpReader } from "@tagwire/emulators";
import { type Item, newId, type Receipt } from "@tagwire/messages";
import { documentedMetrics, runbookQueries, seriesOf, slos } from "@tagwire/prometheus";
import { eventually, stackServices, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { openLive } from "./live-client.ts";
import { startPrometheus } from "./test-prometheus.ts";
import { openOldHouse } from "./test-rfidpro.ts";

/* One Tagwire in which everything happens that has a figure, and a Prometheus that looks at it with our rules. */

const services = [...stackServices, "health-check", "rfidpro-backup"] as const;
const tag = "3074257BF7194E4000001A85";

type Told = { readonly kind: string; readonly labels: Set<string>; readonly services: Set<string> };

/** What is in the text of `/metrics`, by the name that a metric has in the README. */
const readFigures = (service: string, text: string, into: Map<string, Told>): void => {
  let name = "";
  for (const line of text.split("\n")) {
    const [, typed = "", kind = ""] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
    if (typed !== "") {
      name = typed;
      if (!into.has(name)) into.set(name, { kind, labels: new Set(), services: new Set() });
      into.get(name)?.services.add(service);
    }
    if (line.startsWith("#")) continue;
    for (const [, label = ""] of (/\{(.*)\}/.exec(line)?.[1] ?? "").matchAll(/(\w+)="/g))
      if (label !== "le") into.get(name)?.labels.add(label);
  }
};

const inOrder = <T extends { readonly labels: Iterable<string>; readonly services: Iterable<string> }>(
  one: T,
) => ({
  ...one,
  labels: [...one.labels].sort(),
  services: [...one.services].sort(),
});
const byName = (left: { readonly name: string }, right: { readonly name: string }): number =>
  left.name < right.name ? -1 : 1;

test("what services tell is what is documented, both ways; Prometheus answers rules and runbooks with it; and test scans go the whole road", async () => {
  await using house = await openOldHouse({
    data: makeRfidproData({ seed: 7, scale: 0.003, endMs: Date.now() }),
  });
  await using stack = await startStack({
    services: [...services],
    env: { ...house.env, ALERTS_EVERY_SECONDS: "1", AUDIT_EVERY_SECONDS: "5", PROBE_EVERY_SECONDS: "1" },
  });
  await using prometheus = await startPrometheus(
    services.map((name) => ({ name, http: stack.service(name).http })),
  );
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await stack.call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
  await stack.call("POST", "/sites/north/items", { tag, class: "Chair" });
  await stack.call("POST", "/rfidpro/runs", { site: "north" });

  // A screen that says when it has shown what it was sent, as ours do.
  await using live = await openLive(stack.http, stack.key);
  live.send({ op: "sub", id: "a", site: "north", view: "items" });
  await eventually("the screen shows the item", () => live.rows.has(tag));
  const reader = await startLlrpReader({
    world: { sees: (antenna) => (antenna === 1 ? [{ epc: tag, rssiDbm: -51 }] : []) },
    seed: 7,
  });
  try {
    await stack.call("POST", "/sites/north/readers", {
      ...{ id: "dock", driver: "llrp", address: reader.address, antennas: [{ port: 1, place: "dock" }] },
    });
    await eventually(
      "the reader moved it",
      () => (live.rows.get(tag) as unknown as Item | undefined)?.place === "dock",
    );
    const device = { id: "admin", incarnation: newId() };
    await stack.call("POST", "/sites/north/device-reports", {
      ...{ device, headSeq: 1, queued: 2, attention: 1, storage: "persisted" },
      oldestAt: new Date(Date.now() - 60_000).toISOString(),
    });
    // It holds a set from then on.
    await stack.call("GET", "/sites/north/devices/admin/prefetch");
    const names = [{ hit: true, seconds: 0.02 }];
    await stack.call("POST", "/sites/north/devices/admin/prefetch:report", { id: newId(), names });
    await sql`update manager.item set quality = 'C-' where site = 'north'`;

    // The gateway is asked for these by itself.
    await using second = await openLive(stack.http, stack.key);
    second.send({ op: "sub", id: "b", site: "north", view: "screens" });
    const documented = documentedMetrics();
    const wanted = documented.map(inOrder).sort(byName);
    const toldNow = async () => {
      const scan = { id: newId(), tag, type: "touch", scannedAt: new Date().toISOString() };
      const before = live.position("a")?.pos;
      await stack.call("POST", "/sites/north/scans", { scans: [scan] });
      await eventually("the screen is told", () => live.position("a")?.pos !== before);
      live.send({ op: "ack", id: "a", pos: live.position("a")?.pos ?? 0, agoMs: 0 });
      const figures = new Map<string, Told>();
      for (const name of services)
        readFigures(name, await (await fetch(`${stack.service(name).http}/metrics`)).text(), figures);
      return [...figures].map(([name, told]) => inOrder({ name, ...told })).sort(byName);
    };
    // What differs at the end is told below, line by line.
    await eventually("all that is documented is told", async () =>
      isDeepStrictEqual(await toldNow(), wanted),
    ).catch(() => {});
    const told = await toldNow();
    expect(told).toEqual(wanted);
    for (const { name, kind } of told) {
      expect(name).toMatch(kind === "counter" ? /_total$/ : /^(?!.*_total$)/);
      if (kind === "histogram" && name !== "tagwire_turn_acts") expect(name).toMatch(/_(seconds|bytes)$/);
    }

    // Prometheus has all of it under the same names, asks with our rules, and finds no fault with what runbooks ask.
    await eventually("Prometheus has every series", async () => {
      const known = new Set(await prometheus.names());
      const missing = documented.flatMap(seriesOf).filter((name) => !known.has(name));
      if (missing.length > 0) throw new Error(missing.join(", "));
      return true;
    });
    for (const { name } of slos)
      await eventually(`the objective ${name} is reckoned`, async () => {
        const errors = await prometheus.ask(`tagwire:slo_errors:ratio_increase5m{slo="${name}"}`);
        return errors.length === 1;
      });
    expect(await prometheus.ask('ALERTS{alertname="Watchdog",alertstate="firing"}')).toHaveLength(1);
    const wrong: string[] = [];
    for (const { file, query } of runbookQueries())
      await prometheus.ask(query).catch((error: unknown) => wrong.push(`${file}: ${String(error)}`));
    expect(wrong).toEqual([]);
  } finally {
    await reader.stop();
  }

  // Test scans: they came to a screen, at a site of their own, and the real one has nothing of them.
  const scans = async (outcome: string): Promise<number> =>
    Number(
      (await prometheus.ask(`tagwire_synthetic_scans_total{site="north",outcome="${outcome}"}`))[0]?.value ??
        0,
    );
  await eventually("test scans are seen", async () => (await scans("seen")) >= 2);
  const { body: sites } = await stack.call("GET", "/sites");
  const ids = (sites as { data: { id: string }[] }).data.map(({ id }) => id).sort();
  expect(ids).toEqual(["north", expect.stringMatching(/^training-probe-[0-9a-f]{8}-\d+$/)]);
  const devices = await sql<{ site: string; device: string | null }[]>`
    select distinct site, event->'by'->>'device' as device from (select site, to_jsonb(one) as event from operations.event as one) as told`;
  expect(devices.filter(({ site, device }) => site === "north" && device === "synthetic")).toEqual([]);
  const { body: items } = await stack.call("GET", "/sites/north/items");
  expect((items as { data: Item[] }).data.map((item) => item.tag)).toEqual([tag]);
  const { body: handed } = await stack.call("GET", `/sites/${ids[1]}/items/TEST-SCAN/timeline`);
  expect((handed as { data: (Receipt & { by: object })[] }).data[0]?.by).toEqual({ device: "synthetic" });

  // When nobody decides, that is seen as well.
  await stack.service("operations").kill("SIGKILL");
  await eventually("test scans fail", async () => (await scans("failed")) >= 1);
  await sql.end();
});
