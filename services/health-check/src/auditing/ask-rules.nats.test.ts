import { answer, openBus } from "@tagwire/bus";
import { AskRelations } from "@tagwire/messages";
import { quietLog, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { askRules } from "./ask-rules.ts";

const whole = { code: "double_rental", entity: "item" };
const inParts = { code: "orphan_member", entity: "member" };

test("the first part of which a rule in parts is late is told, and a rule that is asked whole makes no part late", async () => {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await testNats());
  const bus = await openBus({ url, name: "asker", log: quietLog() });
  stack.defer(bus.close);
  const asked: (readonly number[] | undefined)[] = [];
  let lateAt: readonly number[] = [];
  const answering = answer(bus, AskRelations, async ({ buckets }) => {
    asked.push(buckets);
    const late = [
      ...(buckets?.[0] === 0 ? [whole] : []),
      ...(lateAt.includes(buckets?.[0] ?? -1) ? [inParts] : []),
    ];
    return { rules: 2, partsFrom: 1, next: null, left: 0, late, violations: [] };
  });
  stack.defer(answering.stop);
  const ask = () =>
    askRules(bus, AskRelations, {
      site: "north",
      parts: [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      signal: new AbortController().signal,
    });
  expect(await ask()).toMatchObject({ late: ["double_rental item"], lateFrom: undefined });
  expect(asked).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
  lateAt = [4, 2];
  expect(await ask()).toMatchObject({ lateFrom: 1, late: ["double_rental item", "orphan_member member"] });
  lateAt = [0];
  expect(await ask()).toMatchObject({ lateFrom: 0 });
});
