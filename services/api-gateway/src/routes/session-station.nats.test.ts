import { answer } from "@tagwire/bus";
import { AskStation, Fault } from "@tagwire/messages";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import { stationWarnings } from "./session-station.ts";

/* What is told of a station to whoever begins a session there; who keeps the stations is played by the test. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const opened: { stop: () => Promise<void> }[] = [];
beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
});

const warnings = () => stationWarnings(gateway.bus, "north", "gate");

test("nothing is told while nobody keeps stations, nor while whoever does is busy", async () => {
  expect(await warnings()).toEqual([]);
  opened.push(
    answer(gateway.bus, AskStation, async () => {
      throw new Fault("overloaded", "");
    }),
  );
  expect(await warnings()).toEqual([]);
});

test("an answer that is a mistake of ours is not taken for a station without warnings", async () => {
  opened.push(
    answer(gateway.bus, AskStation, async () => {
      throw new Fault("malformed", "station");
    }),
  );
  await expect(warnings()).rejects.toMatchObject({ code: "malformed" });
});

test("a session at no station asks nobody", async () => {
  opened.push(
    answer(gateway.bus, AskStation, async () => {
      throw new Fault("malformed", "station");
    }),
  );
  expect(await stationWarnings(gateway.bus, "north", undefined)).toEqual([]);
});
