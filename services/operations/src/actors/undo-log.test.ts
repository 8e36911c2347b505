import { expect, test } from "vitest";
import { openHistory, type PastEvent } from "./undo-log.ts";

const about = (pos: number, type: string, data: Record<string, unknown> = {}): PastEvent =>
  ({ epoch: 1, pos, type, contract: "L1", data }) as unknown as PastEvent;

const positions = (events: readonly PastEvent[]) => events.map(({ pos }) => pos);

test("a count's past is the steps of its contract and its own undo and that one's, and no other count, of which there may be thousands", () => {
  const opened = about(1, "contract.opened.v1");
  const counts = [2, 3, 4].map((pos) => about(pos, "lot.recorded.v1"));
  const finalized = about(5, "contract.finalized.v1");
  const history = openHistory([opened, ...counts, finalized], new Set([3]));
  const [, target] = counts;
  if (target === undefined) throw new Error("no count");
  expect(positions(history.ofCount(target))).toEqual([1, 3, 5]);

  const back = about(6, "lot.recorded.v1", { undoes: 3 });
  const again = about(7, "lot.recorded.v1", { undoes: 6 });
  for (const event of [back, again]) history.add(event);
  for (const event of [target, back, again])
    expect(positions(history.ofCount(event)), String(event.pos)).toEqual([1, 3, 5, 6, 7]);
  expect(positions(history.ofContract("L1"))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(positions(history.targets)).toEqual([3]);
});
