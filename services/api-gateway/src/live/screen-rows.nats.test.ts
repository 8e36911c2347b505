import { answer } from "@tagwire/bus";
import { AskSites, type LiveRow, noLags } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { saveScreenLags } from "../store/screen-lags.ts";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import { answerScreens, sayScreens } from "./screen-rows.ts";
import { type LiveClient, openLive } from "./test-live.ts";

/* The view `screens`: what screens say, live, to whichever gateway they say it. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let client: LiveClient;
let sites = 0;
let site = "";
const opened: { stop: () => Promise<void> }[] = [];
beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  sites += 1;
  site = `screens-${sites}`;
  opened.push(
    answer(gateway.bus, AskSites, async () => ({
      sites: [
        {
          id: site,
          name: site,
          timeZone: "UTC",
          epoch: 1,
          pos: 1,
          createdAt: minute,
          stage: "parallel" as const,
        },
      ],
    })),
  );
  opened.push(answerScreens(gateway.bus, gateway.store.sql));
  client = await openLive(gateway.url);
});
afterEach(async () => {
  await client.close();
  for (const one of opened.splice(0)) await one.stop();
});

const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString();
const counts = (quick: number, slow: number) => noLags.with(1, quick).with(9, slow);
/** Another gateway keeps what its screens said in this minute, as a whole. */
const kept = async (gatewayOf: string, quick: number, slow: number): Promise<void> => {
  const newest = { epoch: 1, pos: 7 };
  const id = `01990000-0000-7000-8000-00000000000${gatewayOf}`;
  const written = await saveScreenLags(gateway.store.sql, id, [
    { ...{ site, minute, newest }, counts: counts(quick, slow), maxMs: slow > 0 ? 400 : 9 },
  ]);
  for (const one of written) sayScreens(gateway.bus, one);
};
const rowsNow = () => {
  const rows = new Map<string, LiveRow>();
  for (const frame of client.frames) {
    if (frame.op === "snap") for (const row of frame.rows) rows.set(row.key, row);
    if (frame.op !== "delta") continue;
    for (const change of frame.changes)
      if ("put" in change) rows.set(change.key, { key: change.key, version: change.version, ...change.put });
  }
  return rows;
};

test("what screens say to several gateways comes as one row a minute, first as it is and then as it changes", async () => {
  await kept("1", 2, 0);
  client.send({ op: "sub", id: "a", site, view: "screens" });
  await client.frame("snap", 0);
  expect(rowsNow().get(minute)).toMatchObject({ minute, counts: counts(2, 0), maxMs: 9 });
  await kept("2", 3, 1);
  await kept("1", 4, 0);
  await eventually("both are told", () => rowsNow().get(minute)?.version === 3);
  expect(rowsNow().get(minute)).toMatchObject({ counts: counts(7, 1), maxMs: 400 });
  expect(Date.parse(String(rowsNow().get(minute)?.validUntil)) - Date.parse(minute)).toBe(60 * 60_000);
});

test("a site whose screens were never heard has no rows, and one that does not exist has no view", async () => {
  client.send({ op: "sub", id: "a", site, view: "screens" });
  expect(await client.frame("snap", 0)).toMatchObject({ rows: [], pos: 0, last: true });
  await kept("1", 1, 0);
  await eventually("the first is told", () => rowsNow().get(minute)?.version === 1);
  client.send({ op: "sub", id: "b", site: "nowhere", view: "screens" });
  expect(await client.frame("error", 0)).toMatchObject({ id: "b", code: "site_unknown" });
});
