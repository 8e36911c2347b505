import { keptLog } from "@tagwire/testing";
import { expect, test } from "vitest";
import { createLogShare, loggedPerHourMax } from "./log-share.ts";
import { scriptedDrivers } from "./scripted-driver.ts";
import { lifeOf } from "./test-life.ts";

test("a share is used up, and is there again after an hour", () => {
  let atMs = 0;
  const { take } = createLogShare(() => atMs);
  const taken = () => Array.from({ length: 2 * loggedPerHourMax }, take).filter((may) => may).length;
  expect(taken()).toBe(loggedPerHourMax);
  atMs = 3_599_999;
  expect(take()).toBe(false);
  atMs = 3_600_000;
  expect(taken()).toBe(loggedPerHourMax);
});

test("a reader that is garbled anew with each connection has one share of the log, and all of it is counted", async () => {
  const { log, lines } = keptLog();
  const { drivers, connections } = scriptedDrivers();
  const { life } = lifeOf(drivers, { log });
  life.start();
  for (let times = 0; times < loggedPerHourMax; times += 1) {
    for (let frames = 0; frames < 3; frames += 1)
      connections.at(-1)?.host.malformed("no line", Uint8Array.of(frames));
    await life.restart();
  }
  expect(lines.filter(({ msg }) => msg === "a frame could not be read")).toHaveLength(loggedPerHourMax);
  expect(life.view(0).counts.malformed).toBe(3 * loggedPerHourMax);
  await life.stop();
});
