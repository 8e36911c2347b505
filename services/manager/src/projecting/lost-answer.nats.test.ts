import { hear } from "@tagwire/bus";
import { type LiveDelta, liveSubject } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { eventually, testDatabase, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { looksLevel, openFloor } from "../test-floor.ts";
import { busyDays, sampleLog } from "../test-log.ts";
import { sampleManager } from "../test-manager.ts";

/** The real thing, but the answers of the next `losses` commits are lost on their way back. */
const losingCommits = (sql: Sql, state: { losses: number }): Sql => {
  const begin: Sql["begin"] = async (...given: [unknown, unknown?]) => {
    const done: unknown = await Reflect.apply(sql.begin, sql, given);
    if (state.losses === 0) return done as never;
    state.losses -= 1;
    throw Object.assign(new Error("the connection was lost"), { code: "CONNECTION_CLOSED" });
  };
  return new Proxy(sql, {
    get: (target, name) => (name === "begin" ? begin : Reflect.get(target, name)),
  });
};

test("what was committed without an answer and so never said leaves a hole that is seen", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 30);
  await using floor = await openFloor({ database: await testDatabase(), nats: await testNats() }, log);
  const heard: LiveDelta[] = [];
  const hearing = hear(floor.bus, liveSubject("north", "events"), (message) =>
    heard.push(message.json<LiveDelta>()),
  );
  await floor.bus.connection.flush();
  const state = { losses: 0 };
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl, (sql) =>
    losingCommits(sql, state),
  );
  const happen = async (count: number) => {
    const from = log.events.length;
    await floor.operations.publish(busyDays(log, count).events.slice(from));
    await eventually("the log is applied", () => looksLevel(manager, floor, log));
  };
  await happen(5);
  await eventually("the first was heard", () => heard.at(-1)?.pos === log.events.length);
  state.losses = 1;
  await happen(5);
  await happen(5);
  await eventually("the last was heard", () => heard.at(-1)?.pos === log.events.length);
  expect(state.losses).toBe(0);
  // Every event is in this view: whoever follows a message has everything up to it, or sees that something is missing.
  for (const { prev, pos, changes } of heard) expect(changes).toHaveLength(pos - prev);
  await hearing.stop();
});
