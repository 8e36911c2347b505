import { answer, type Bus, openBus } from "@tagwire/bus";
import { AskParked, askSubject, Fault } from "@tagwire/messages";
import { quietLog, testNats } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askAgain } from "./ask-again.ts";

const stack = new AsyncDisposableStack();
const nothing = { count: 0, examples: [] };
let bus: Bus;
let other: Bus;
beforeAll(async () => {
  const { url } = stack.use(await testNats());
  bus = await openBus({ url, name: "asker", log: quietLog() });
  stack.defer(bus.close);
  other = await openBus({ url, name: "answerer", log: quietLog() });
  stack.defer(other.close);
});
afterAll(() => stack.disposeAsync());

test("whoever was asked and died is not waited for: the next one that is there answers", async () => {
  const heard = Promise.withResolvers<void>();
  // It takes the question, and is gone before it answers.
  const dying = other.connection.subscribe(askSubject(AskParked), { callback: () => heard.resolve() });
  await other.connection.flush();
  const asked = askAgain(bus, AskParked, { site: "north" });
  await heard.promise;
  dying.unsubscribe();
  const next = answer(other, AskParked, async () => nothing);
  expect(await asked).toEqual(nothing);
  await next.stop();
});

test("who is not up yet is asked again, and who refuses is not", async () => {
  let times = 0;
  const answering = answer(other, AskParked, async ({ site }) => {
    times += 1;
    if (site === "nowhere") throw new Fault("not_found", site);
    if (times === 1) throw new Fault("unavailable", "the rows are being made again");
    return nothing;
  });
  await other.connection.flush();
  expect(await askAgain(bus, AskParked, { site: "north" })).toEqual(nothing);
  expect(times).toBe(2);
  await expect(askAgain(bus, AskParked, { site: "nowhere" })).rejects.toMatchObject({ code: "not_found" });
  expect(times).toBe(3);
  await answering.stop();
});
