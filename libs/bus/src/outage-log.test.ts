import { Fault } from "@tagwire/messages";
import { keptLog } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openOutageLog } from "./outage-log.ts";

const told = { failing: "not yet", over: "again" };

test("an outage is a line when it begins and one when it is over, each time", () => {
  const { log, lines } = keptLog();
  const outage = openOutageLog(log, told);
  outage.worked();
  for (let round = 0; round < 2; round += 1) {
    for (let tries = 0; tries < 60; tries += 1) outage.failed(new Fault("store.unreachable", "away"));
    for (let times = 0; times < 3; times += 1) outage.worked();
  }
  expect(lines.map(({ msg, code, tries }) => [msg, code ?? tries])).toEqual([
    ["not yet", "store.unreachable"],
    ["again", 60],
    ["not yet", "store.unreachable"],
    ["again", 60],
  ]);
  expect(JSON.stringify(lines)).not.toContain("stack");
});

test("our own mistake is told with where it was made", () => {
  const { log, lines } = keptLog();
  openOutageLog(log, told).failed(new RangeError("mistake"));
  expect(lines).toMatchObject([{ err: { stack: expect.stringContaining("outage-log.test") } }]);
});
