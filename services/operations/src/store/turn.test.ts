import { canonicalJson, chainHash, chainStart } from "@tagwire/digest";
import { expect, test } from "vitest";
import type { Said } from "../actors/decision.ts";
import { eventBytesMax } from "../actors/event-size.ts";
import { seal } from "./turn.ts";

const head = { epoch: 3, pos: 41, hash: chainStart, recordedAtMs: Date.parse("2026-05-04T10:00:00Z") };
const said = (more: Partial<Said> = {}): Said => ({
  type: "item.sighted.v1",
  receivedAt: "2026-05-04T11:59:59+02:00",
  by: { device: "d" },
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  data: { b: 1, a: 2 },
  ...more,
});

test("events follow the head densely, each linked to the one before it", () => {
  const sealed = seal("north", [said(), said({ tag: "A1" }), said()], head, head.recordedAtMs + 1);
  let hash = head.hash;
  for (const [index, { hash: own, ...unsealed }] of sealed.events.entries()) {
    expect(unsealed).toMatchObject({ site: "north", epoch: 3, pos: 42 + index, prevHash: hash });
    hash = chainHash(hash, canonicalJson(unsealed));
    expect(own).toBe(hash);
  }
  expect(sealed.head).toEqual({ epoch: 3, pos: 44, hash, recordedAtMs: head.recordedAtMs + 1 });
  expect(sealed.events[0]).toMatchObject({
    receivedAt: "2026-05-04T09:59:59.000Z",
    recordedAt: "2026-05-04T10:00:00.001Z",
    traceId: "0af7651916cd43dd8448eb211c80319c",
  });
});

test("the time of recording never goes back, even when the clock does", () => {
  const sealed = seal("north", [said()], head, head.recordedAtMs - 60_000);
  expect(sealed.events[0]?.recordedAt).toBe("2026-05-04T10:00:00.000Z");
  expect(sealed.head.recordedAtMs).toBe(head.recordedAtMs);
});

test("where nothing is said the head stays where it is", () => {
  expect(seal("north", [], head, head.recordedAtMs + 5)).toEqual({ events: [], head });
});

test("what is larger than the bus takes is not sealed", () => {
  const long = said({ data: { notes: "x".repeat(eventBytesMax) } });
  expect(() => seal("north", [said(), long], head, head.recordedAtMs)).toThrow("too_large");
});
