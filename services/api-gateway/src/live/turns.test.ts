import { expect, test } from "vitest";
import { openTurns } from "./turns.ts";

const forever = new AbortController().signal;
const noted = (turn: Promise<() => void>, name: string, order: string[]) =>
  turn.then((leave) => {
    order.push(name);
    return leave;
  });

test("turns come in order, and leaving twice hands on one", async () => {
  const { enter } = openTurns({ runningMax: 1, waitingMax: 3 });
  const order: string[] = [];
  const first = await noted(enter(forever), "first", order);
  const second = noted(enter(forever), "second", order);
  const third = noted(enter(forever), "third", order);
  expect(order).toEqual(["first"]);
  first();
  first();
  (await second)();
  (await third)();
  expect(order).toEqual(["first", "second", "third"]);
  (await enter(forever))();
});

test("no more wait than may, and who stops waiting makes room", async () => {
  const { enter } = openTurns({ runningMax: 1, waitingMax: 1 });
  const leave = await enter(forever);
  const gone = new AbortController();
  const waiting = enter(gone.signal);
  await expect(enter(forever)).rejects.toMatchObject({ code: "overloaded" });
  gone.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  const next = enter(forever);
  leave();
  (await next)();
  await expect(enter(gone.signal)).rejects.toThrow("gone");
});
