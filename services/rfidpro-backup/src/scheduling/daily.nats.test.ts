import { answer, openBus } from "@tagwire/bus";
import { AskSites, Fault, type MigrationStage, type RfidproRun } from "@tagwire/messages";
import { eventually, quietLog, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import type { Asked } from "../running/begin-run.ts";
import { checkSchedule } from "./check-schedule.ts";
import { keepDaily } from "./daily.ts";

const siteAt = (id: string, stage: MigrationStage) => ({
  ...{ id, name: id, timeZone: "UTC", epoch: 1, pos: 1, createdAt: "2026-05-01T00:00:00.000Z", stage },
});

const openGround = async (sites: ReturnType<typeof siteAt>[]) => {
  const stack = new AsyncDisposableStack();
  const nats = stack.use(await testNats());
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  stack.defer(() => bus.close());
  answer(bus, AskSites, async () => ({ sites }));
  await bus.connection.flush();
  return { bus, stack, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

test("a site that is parallel is pulled once a day after its time, again when another pull was in the way, and no other site is", async () => {
  await using ground = await openGround([siteAt("north", "parallel"), siteAt("south", "switched")]);
  const begun: Asked[] = [];
  let nowMs = Date.parse("2026-05-20T04:59:00Z");
  let looks = 0;
  let isBusy = true;
  const daily = keepDaily({
    ...{ bus: ground.bus, log: quietLog(), at: "05:00", everyMs: 1 },
    now: () => {
      looks += 1;
      return nowMs;
    },
    runs: {
      begin: async (asked) => {
        begun.push(asked);
        if (isBusy) throw new Fault("rfidpro.running", "a person's");
        return asked as unknown as RfidproRun;
      },
    },
  });
  ground.stack.defer(daily.stop);
  const looksMore = async () => {
    const from = looks;
    await eventually("it has looked again", () => looks > from + 2);
  };
  await looksMore();
  expect(begun).toEqual([]);
  nowMs = Date.parse("2026-05-20T05:00:00Z");
  await eventually("it was tried twice", () => begun.length >= 2);
  isBusy = false;
  await looksMore();
  const first = begun.length;
  await looksMore();
  expect(begun.length).toBe(first);
  nowMs += 86_400_000;
  await eventually("it is the next day's turn", () => begun.length > first);
  expect(begun[0]).toMatchObject({
    ...{ site: "north", by: "tagwire", how: "scheduled", compare: true, import: false },
  });
  expect(new Set(begun.map(({ site }) => site))).toEqual(new Set(["north"]));
  expect(new Set(begun.map(({ id }) => id)).size).toBe(2);
});

test("a schedule may pull a site that is parallel, and none that has switched or is not there", async () => {
  await using ground = await openGround([siteAt("north", "parallel"), siteAt("south", "switched")]);
  const codeOf = (site: string) =>
    checkSchedule(ground.bus, site).then(
      () => "may",
      (error: unknown) => (error instanceof Fault ? error.code : error),
    );
  expect(await Promise.all(["north", "south", "west"].map(codeOf))).toEqual([
    ...["may", "rfidpro.polling_off", "site_unknown"],
  ]);
});
