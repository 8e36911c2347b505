import { expect, test } from "vitest";
import { readRequest } from "./request.ts";

const sub = { op: "sub", id: "a", site: "north", view: "items" };
const read = (frame: unknown) => readRequest(typeof frame === "string" ? frame : JSON.stringify(frame));

test("a subscription is understood with all that it says", () => {
  const frame = { ...sub, filter: { tag: "ab", status: "" }, from: "1:7", generation: "g" };
  expect(read(frame)).toEqual({
    request: {
      op: "sub",
      wanted: {
        id: "a",
        site: "north",
        view: "items",
        filter: { tag: ["AB"] },
        from: { epoch: 1, pos: 7 },
        generation: "g",
      },
    },
  });
});

test.each([
  { pos: 7, at: { epoch: undefined, pos: 7 } },
  { pos: "3:7", at: { epoch: 3, pos: 7 } },
])("$pos acknowledges a position", ({ pos, at }) => {
  expect(read({ op: "ack", pos })).toEqual({ request: { op: "ack", id: undefined, at } });
  expect(read({ op: "ack", pos, id: "a" })).toEqual({ request: { op: "ack", id: "a", at } });
  expect(read({ op: "ack", pos, agoMs: 12 })).toMatchObject({ request: { at: { ...at, agoMs: 12 } } });
});

test.each([
  { what: "no view", frame: { ...sub, view: undefined }, pointer: "/view" },
  { what: "a view that is no text", frame: { ...sub, view: 7 }, pointer: "/view" },
  { what: "no site", frame: { ...sub, site: undefined }, pointer: "/site" },
  { what: "a subject as site", frame: { ...sub, site: "north.items.>" }, pointer: "/site" },
  { what: "a bad position", frame: { ...sub, from: "now" }, pointer: "/from" },
  { what: "a member that nobody knows", frame: { ...sub, since: "1:1" }, pointer: "/since" },
  { what: "a filter that is no object", frame: { ...sub, filter: "ready" }, pointer: "/filter" },
  {
    what: "a filter of another type",
    frame: { ...sub, filter: { status: ["ready"] } },
    pointer: "/filter/status",
  },
  {
    what: "a filter that no database takes",
    frame: { ...sub, filter: { q: "\u0000" } },
    pointer: "/filter/q",
  },
  { what: "an unknown status", frame: { ...sub, filter: { status: "gone" } }, pointer: "/filter/status" },
  {
    what: "a filter of another view",
    frame: { ...sub, view: "dashboard", filter: { class: "" } },
    pointer: "/filter/class",
  },
  { what: "too long an id", frame: { ...sub, id: "x".repeat(65) }, pointer: "/id" },
  { what: "an unknown verb", frame: { ...sub, op: "drop" }, pointer: "/op" },
  { what: "less than nothing acknowledged", frame: { op: "ack", id: "a", pos: -1 }, pointer: "/pos" },
  { what: "shown in the future", frame: { op: "ack", id: "a", pos: 1, agoMs: -1 }, pointer: "/agoMs" },
  { what: "an end of more than is there", frame: { op: "unsub", id: "a", all: true }, pointer: "/all" },
])("$what is told with the request's id, and where", ({ frame, pointer }) => {
  expect(read(frame)).toMatchObject({
    misunderstood: { op: frame.op, id: frame.id, code: "malformed", message: expect.any(String), pointer },
  });
});

test.each(["comets", "constructor", ""])("%j is a view that is not here", (view) => {
  expect(read({ ...sub, view })).toMatchObject({
    misunderstood: { op: "sub", id: "a", code: "view_unknown", pointer: "/view" },
  });
});

test.each([
  { what: "no JSON", frame: "hello" },
  { what: "no object", frame: "[]" },
  { what: "nothing", frame: "null" },
  { what: "an id without a verb", frame: { id: "a" } },
  { what: "a verb that is no text, and an id", frame: { op: 1, id: "a" } },
  { what: "an id that is no text", frame: { ...sub, id: 7 } },
])("of $what no id can be made out", ({ frame }) => {
  expect(read(frame)).toMatchObject({ misunderstood: { id: undefined, code: "malformed" } });
});
