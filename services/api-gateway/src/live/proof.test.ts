import type { LiveView, Position } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Channel } from "./channel.ts";
import { openProof } from "./proof.ts";

const channel = (view: LiveView, head: () => Position | undefined) => ({ view, head }) as Channel;

const setting = () => {
  const clock = { nowMs: 1_000 };
  const said: { events?: Position; items?: Position } = {};
  const channels = [channel("items", () => said.items), channel("events", () => said.events)];
  const proof = openProof(
    () => channels,
    () => clock.nowMs,
  );
  const head = (pos: number, epoch = 1) => {
    clock.nowMs += 1_000;
    proof.head("north", { epoch, pos });
  };
  const proven = (view: LiveView = "dashboard") => proof.provenAtMs("north", view);
  return { clock, said, proof, head, proven };
};

test("what was said is proven by each head that it has reached, and not by silence", () => {
  const { said, head, proven } = setting();
  expect(proven()).toBeUndefined();
  said.events = { epoch: 1, pos: 5 };
  head(5);
  expect(proven()).toBe(2_000);
  head(5);
  expect(proven()).toBe(3_000);
  // The log went on and nobody projects it.
  head(6);
  head(6);
  expect(proven()).toBe(3_000);
  // What comes late proves no more than the heads it reaches.
  said.events = { epoch: 1, pos: 6 };
  expect(proven()).toBe(5_000);
});

test("who follows late lags behind by as much as the heads it reached are old", () => {
  const { said, head, proven } = setting();
  for (let pos = 1; pos <= 9; pos += 1) head(pos);
  said.events = { epoch: 1, pos: 4 };
  expect(proven()).toBe(5_000);
});

test("a head of another history proves nothing, and what was proven stays so while nothing is known", () => {
  const { said, head, proven } = setting();
  said.events = { epoch: 1, pos: 5 };
  head(5);
  head(1, 2);
  expect(proven()).toBe(2_000);
  delete said.events;
  head(2, 2);
  expect(proven()).toBe(2_000);
  said.items = { epoch: 2, pos: 2 };
  expect(proven("items")).toBe(4_000);
});

test("views with positions of their own are proven by their owner's answers", () => {
  const { clock, said, proof, head, proven } = setting();
  said.events = { epoch: 1, pos: 5 };
  head(5);
  expect(proven("readers")).toBeUndefined();
  clock.nowMs = 9_000;
  proof.owned("north", "readers");
  expect([proven("readers"), proven("alerts"), proven("events")]).toEqual([9_000, undefined, 2_000]);
});
