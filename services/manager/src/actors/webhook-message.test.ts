import { WebhookMessage, webhookBodyBytesMax } from "@tagwire/messages";
import fc from "fast-check";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { sampleLog } from "../test-log.ts";
import { belongsTo, bodyOf, isWanted, keyOf, messageIdOf } from "./webhook-message.ts";

const sampleEvent = (data: Record<string, unknown> = { a: 1 }) =>
  sampleLog({ site: "north" }).write("item.returned.v1", "TAG-1", data, { scanId: "0198-scan" });

test.each([
  { event: { tag: "T", contract: "C", session: "S", type: "item.returned.v1" }, key: "tag:T" },
  { event: { contract: "C", session: "S", type: "contract.closed.v1" }, key: "contract:C" },
  { event: { session: "S", type: "session.closed.v1" }, key: "session:S" },
  { event: { contract: "C", session: "S", type: "session.begun.v1" }, key: "session:S" },
  { event: { type: "site.created.v1" }, key: "type:site.created.v1" },
  // What one thing is called can be what another is called: they are not the same.
  { event: { contract: "T", type: "x.y.v1" }, key: "contract:T" },
])("$event is in order with $key", ({ event, key }) => {
  expect(keyOf(event)).toBe(key);
});

type Named = Parameters<typeof keyOf>[0];
const isBefore = (one: Named, other: Named) =>
  keyOf(one) === keyOf(other) || belongsTo(other).includes(keyOf(one));
const areInOrder = (one: Named, other: Named) => isBefore(one, other) || isBefore(other, one);

const begun = { contract: "C", session: "S", type: "session.begun.v1" };
const rented = { tag: "T", contract: "C", session: "S", type: "item.rented.v1" };
const retagged = { tag: "T", type: "item.retagged.v1", data: { set: { replacedBy: "U" } } };
const finished = { contract: "C", type: "contract.closed.v1" };
test.each<{ one: Named; other: Named; are: boolean }>([
  { one: begun, other: { session: "S", type: "session.closed.v1" }, are: true },
  { one: begun, other: rented, are: true },
  { one: begun, other: finished, are: true },
  { one: rented, other: finished, are: true },
  { one: rented, other: { ...rented, tag: "U" }, are: false },
  { one: rented, other: retagged, are: true },
  { one: retagged, other: { tag: "U", type: "item.created.v1" }, are: true },
  { one: retagged, other: { tag: "V", type: "item.created.v1" }, are: false },
  { one: rented, other: { tag: "T", type: "item.returned.v1" }, are: true },
  { one: rented, other: { contract: "D", type: "contract.closed.v1" }, are: false },
  { one: begun, other: { session: "S2", contract: "D", type: "session.begun.v1" }, are: false },
  { one: begun, other: { session: "S2", contract: "C", type: "session.begun.v1" }, are: false },
])("$one and $other are in order: $are", ({ one, other, are }) => {
  expect([areInOrder(one, other), areInOrder(other, one)]).toEqual([are, are]);
});

test.each([
  { types: null, type: "item.returned.v1", is: true },
  { types: ["item.returned.v1"], type: "item.returned.v1", is: true },
  { types: ["item.returned.v1"], type: "item.returned.v10", is: false },
  { types: ["item.*"], type: "item.returned.v1", is: true },
  { types: ["item.*"], type: "items.returned.v1", is: false },
  { types: ["item.*"], type: "item", is: false },
  { types: ["scan.*", "item.created.v1"], type: "item.created.v1", is: true },
  { types: ["scan.*", "item.created.v1"], type: "item.moved.v1", is: false },
  { types: null, type: "item.moved.v1", is: true },
  { types: null, type: "audit.barrier.v1", is: false },
  { types: ["audit.*"], type: "audit.barrier.v1", is: true },
])("$types wants $type: $is", ({ types, type, is }) => {
  expect(isWanted(types, type)).toBe(is);
});

test("the id of a message is the same for ever, and another for another event or endpoint", () => {
  const id = messageIdOf("endpoint-1", "event-1");
  expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(messageIdOf("endpoint-1", "event-1")).toBe(id);
  expect(new Set([id, messageIdOf("endpoint-2", "event-1"), messageIdOf("endpoint-1", "event-2")]).size).toBe(
    3,
  );
});

test("the body is the event, without what only the chain needs", () => {
  const event = sampleEvent();
  const body: WebhookMessage = JSON.parse(bodyOf(event));
  expect(Value.Errors(WebhookMessage, body)).toEqual([]);
  const {
    hash: _hash,
    prevHash: _prev,
    traceparent: _parent,
    receivedAt: _received,
    scanId: _scan,
    ...thin
  } = event;
  expect(body).toEqual({ type: event.type, timestamp: event.recordedAt, data: thin });
});

test("a body is never too large: data that does not fit is linked to", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30_000 }),
      fc.constantFrom("a", "é", "🪑", '"'),
      (count, letter) => {
        const event = sampleEvent({ notes: letter.repeat(count) });
        const text = bodyOf(event);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(webhookBodyBytesMax);
        const { data }: WebhookMessage = JSON.parse(text);
        expect(data.pos).toBe(event.pos);
        if (data.dataOmitted === undefined) expect(data.data).toEqual(event.data);
        else expect(data.link).toBe(`/api/v1/sites/north/events?after=1:${event.pos - 1}&limit=1`);
      },
    ),
  );
  expect(JSON.parse(bodyOf(sampleEvent({ notes: "a".repeat(21_000) }))).data.dataOmitted).toBe(true);
});
