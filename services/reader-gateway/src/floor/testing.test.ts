import { Fault } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { scriptedDrivers, tagRead } from "./scripted-driver.ts";
import { lifeOf } from "./test-life.ts";

const tag = "3034257BF7194E4000001A85";
const other = "3034257BF7194E4000001A86";

test("a test tells what is heard meanwhile, and becomes nothing but filtered reads; afterwards all is as before", async () => {
  const { drivers, connections } = scriptedDrivers();
  const { life, kept } = lifeOf(drivers);
  life.start();
  const asked = life.testRead(1);
  connections[0]?.host.frame([tagRead(tag, { rssiDbm: -50, count: 4 }), tagRead(other, { antenna: 2 })]);
  await expect(life.testRead(1)).rejects.toMatchObject({ code: "reader.busy" });
  expect(await asked).toMatchObject({
    ...{ seconds: 1, reads: 5 },
    tags: [
      { tag, antenna: 1, rssiDbm: -50, count: 4 },
      { tag: other, antenna: 2, count: 1 },
    ],
  });
  expect(kept).toEqual([]);
  expect(life.view(0).counts).toMatchObject({ reads: 5, filtered: 5, filteredBy: { test: 5 }, frames: 1 });
  expect(life.view(0).lastReadAt).toMatch(/^\d{4}-/);
  connections[0]?.host.frame([tagRead(tag)]);
  expect(kept.map((observation) => observation.tag)).toEqual([tag]);
  await life.stop();
});

test("a reader that does not read is not tested, and one that stops ends its test and can be tested again", async () => {
  const { drivers } = scriptedDrivers();
  const { life } = lifeOf(drivers);
  await expect(life.testRead(1)).rejects.toMatchObject({ code: "reader.idle" });
  life.start();
  const asked = life.testRead(10);
  const ended = expect(asked).rejects.toMatchObject({ code: "reader.idle" });
  await life.stop();
  await ended;
  life.start();
  expect(await life.testRead(1)).toEqual({ seconds: 1, reads: 0, tags: [] });
  await life.stop();
});

test("failures and warnings stay in sight when the reader reads again", async () => {
  const { drivers, connections } = scriptedDrivers({
    begin: ({ host, fail }, nth) => {
      if (nth < 3) fail(new Fault("reader.refused", "one client only"));
      else host.phase("inventory");
    },
  });
  const { life } = lifeOf(drivers);
  life.start();
  await eventually("it reads", () => life.phase() === "inventory");
  connections[2]?.host.notice({ kind: "warning", code: "reader.antenna", message: "port 2" });
  expect(life.view(0)).toMatchObject({
    fault: null,
    faults: [
      { kind: "warning", code: "reader.antenna", message: "port 2", times: 1 },
      { kind: "failure", code: "reader.refused", message: "one client only", times: 2 },
    ],
  });
  await life.stop();
});
