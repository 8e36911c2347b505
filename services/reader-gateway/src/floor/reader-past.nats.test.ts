import { Fault } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tester } from "../store/test-note.ts";
import { scriptedDrivers, tagRead } from "./scripted-driver.ts";
import { type Ground, type OpenFloor, testGround } from "./test-floor.ts";

/* What people ask after a night: what went wrong, and when was a tag read last. A restart must not have answered it with nothing. */

const site = "north";
const dock = { id: "dock", driver: "llrp" as const, address: "127.0.0.1" };
const neverMs = 3_600_000;

let ground: Ground;
beforeAll(async () => {
  ground = await testGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

/** Opens the floor with a reader that only fails when it is told to. */
const open = async (pastEveryMs: number) => {
  const { drivers, connections } = scriptedDrivers();
  const opened = await ground.open(site, { drivers, pastEveryMs });
  await opened.floor.openSite(site).create(dock, tester);
  await eventually("it reads", async () => connections.length > 0);
  return { ...opened, connection: connections[0] };
};
const pastIn = ({ floor }: Pick<OpenFloor, "floor">) => {
  const { faults, lastReadAt } = floor.findSite(site)?.find(dock.id) ?? {};
  return { faults, lastReadAt };
};

test("what went wrong and when a tag was read last are known after the gateway was stopped, and after it was killed", async () => {
  const first = await open(neverMs);
  expect(pastIn(first)).toEqual({ faults: [], lastReadAt: null });
  first.connection?.host.frame([tagRead("A1")]);
  first.connection?.host.notice({ kind: "warning", code: "hot", message: "70 °C" });
  first.connection?.fail(new Fault("reader.closed", "it hung up"));
  await eventually("it is told", async () => pastIn(first).faults?.length === 2);
  const past = pastIn(first);
  expect(past).toEqual({
    faults: [
      expect.objectContaining({ kind: "failure", code: "reader.closed" }),
      expect.objectContaining({ kind: "warning", code: "hot" }),
    ],
    lastReadAt: expect.any(String),
  });
  await first.floor.stop();
  await first.kill();

  const second = await open(20);
  expect(pastIn(second)).toEqual(past);
  second.connection?.host.notice({ kind: "warning", code: "hot", message: "71 °C" });
  expect(pastIn(second).faults?.[0]).toMatchObject({ message: "71 °C", times: 2 });
  const before = pastIn(second);
  await eventually("it is kept", async () => {
    const [row] = await ground.store.sql`select past_faults #>> '{0,times}' as times from reader`;
    return row?.times === "2";
  });
  await second.kill();
  expect(pastIn(await open(neverMs))).toEqual(before);
});
