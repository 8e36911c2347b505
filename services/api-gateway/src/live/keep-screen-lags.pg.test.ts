import { ask, openBus } from "@tagwire/bus";
import { AskScreenLag, lagMinutesMax, noLags, samplesOf } from "@tagwire/messages";
import { migrate, openStore } from "@tagwire/store";
import { quietLog, testDatabase, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { readScreenLags, saveScreenLags, type WrittenScreens } from "../store/screen-lags.ts";
import { migrations, schema, type Tables } from "../store/tables.ts";
import { answerScreenLag } from "./answer-screen-lag.ts";
import { keepScreenLags } from "./keep-screen-lags.ts";
import { openScreenLags } from "./screen-lags.ts";

const startMs = Date.parse("2026-03-01T10:00:30Z");
const from = "2026-03-01T09:00:00Z";
const north = { site: "north", view: "items" } as const;
const after = (lagMs: number, pos = 7) => ({ lagMs, epoch: 1, pos });

const told: WrittenScreens[] = [];
const tell = (written: WrittenScreens) => void told.push(written);

const open = async () => {
  const database = await testDatabase();
  await migrate(database.url, schema, migrations);
  const store = await openStore<Tables>({ url: database.url, schema, name: "test", log: quietLog() });
  return {
    sql: store.sql,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
};

test("two gateways keep what their screens said, each once, and whoever asks gets both", async () => {
  await using place = await open();
  expect(await readScreenLags(place.sql, "north", from)).toEqual({
    lags: { counts: noLags, maxMs: 0 },
    asOf: null,
    newest: null,
  });
  const [one, other] = [openScreenLags(() => startMs), openScreenLags(() => startMs)];
  const keepers = [one, other].map((lags) => keepScreenLags(place.sql, lags, quietLog(), tell));
  one.shown(north, after(42));
  one.shown(north, after(700));
  other.shown(north, after(3, 12));
  other.shown({ site: "south", view: "items" }, after(3));
  for (const keeper of keepers) await keeper.close();
  const { lags, asOf, newest } = await readScreenLags(place.sql, "north", from);
  expect(newest).toEqual({ epoch: 1, pos: 12 });
  expect([samplesOf(lags), lags.maxMs]).toEqual([3, 700]);
  expect(Date.parse(asOf ?? "")).toBeGreaterThan(startMs);
  expect(samplesOf((await readScreenLags(place.sql, "north", "2026-03-01T10:01:00Z")).lags)).toBe(0);

  const again = [
    {
      site: "north",
      minute: "2026-03-01T10:00:00.000Z",
      counts: lags.counts,
      maxMs: 700,
      newest: { epoch: 1, pos: 13 },
    },
  ];
  const gateway = "01990000-0000-7000-8000-000000000001";
  for (let count = 0; count < 2; count += 1) await saveScreenLags(place.sql, gateway, again);
  expect(samplesOf((await readScreenLags(place.sql, "north", from)).lags)).toBe(6);
});

test("what cannot be kept is kept later, and what nobody can ask for any more is forgotten", async () => {
  await using place = await open();
  let nowMs = startMs;
  const lags = openScreenLags(() => nowMs);
  lags.shown(north, after(42));
  await place.sql`alter table screen_lag rename to away`;
  await keepScreenLags(place.sql, lags, quietLog(), tell).close();
  await place.sql`alter table away rename to screen_lag`;
  await keepScreenLags(place.sql, lags, quietLog(), tell).close();
  expect(samplesOf((await readScreenLags(place.sql, "north", from)).lags)).toBe(1);
  nowMs += (lagMinutesMax + 1) * 60_000;
  lags.shown(north, after(5));
  await keepScreenLags(place.sql, lags, quietLog(), tell).close();
  const kept = await readScreenLags(place.sql, "north", from);
  expect([samplesOf(kept.lags), kept.lags.maxMs]).toEqual([1, 5]);
});

test("a gateway whose clock is a month ahead takes nothing from the others", async () => {
  await using place = await open();
  const present = openScreenLags();
  present.shown(north, after(42));
  await keepScreenLags(place.sql, present, quietLog(), tell).close();
  const ahead = openScreenLags(() => Date.now() + 30 * lagMinutesMax * 60_000);
  ahead.shown(north, after(5));
  await keepScreenLags(place.sql, ahead, quietLog(), tell).close();
  expect((await readScreenLags(place.sql, "north", from)).lags.maxMs).toBe(42);
});

test("whoever watches over a site asks any gateway how far its screens were behind", async () => {
  await using place = await open();
  await using nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  const lags = openScreenLags(() => startMs);
  lags.shown(north, after(42));
  await keepScreenLags(place.sql, lags, quietLog(), tell).close();
  const answers = answerScreenLag(bus, place.sql);
  await bus.connection.flush();
  const { recordToScreen } = await ask(bus, AskScreenLag, { site: "north", from });
  expect(recordToScreen).toMatchObject({ samples: 1, maxMs: 42 });
  await answers.stop();
  await bus.close();
});
