import type { LiveView } from "@tagwire/messages";
import { expect, test } from "vitest";
import { deltaOf } from "./delta.ts";
import { type Filter, filterName, readFilter, rowTest, sieveOf } from "./filter.ts";

const read = (view: LiveView, given: Record<string, string>): Filter => {
  const result = readFilter(view, given);
  if ("wrong" in result) throw new Error(result.wrong.message);
  return result.filter;
};

test.each<{ what: string; view: LiveView; given: Record<string, string>; filter: Filter }>([
  {
    what: "members without text",
    view: "items",
    given: { status: "", class: "", place: "", tag: "", q: "" },
    filter: {},
  },
  { what: "a list of nothing", view: "items", given: { status: " , " }, filter: {} },
  {
    what: "a list with spaces",
    view: "items",
    given: { status: " ready, wash" },
    filter: { status: ["ready", "wash"] },
  },
  { what: "a tag in another form", view: "items", given: { tag: " ab12 " }, filter: { tag: ["AB12"] } },
  {
    what: "a sticker, which keeps its case",
    view: "events",
    given: { tag: "Chair-1" },
    filter: { tag: ["Chair-1"] },
  },
  {
    what: "a phase of readers",
    view: "readers",
    given: { status: "inventory" },
    filter: { status: ["inventory"] },
  },
  {
    what: "a word for several",
    view: "alerts",
    given: { state: "open", kind: "stale" },
    filter: { state: ["raised", "acknowledged", "snoozed", "escalated"], kind: ["stale"] },
  },
])("$what is understood", ({ view, given, filter }) => {
  expect(readFilter(view, given)).toEqual({ filter });
});

test.each<{ view: LiveView; given: Record<string, string>; member: string; message: RegExp }>([
  {
    view: "items",
    given: { status: "ready,gone" },
    member: "status",
    message: /^must be one of provisioned/,
  },
  { view: "readers", given: { status: "ready" }, member: "status", message: /inventory/ },
  { view: "items", given: { tag: " " }, member: "tag", message: /tag/ },
  {
    view: "dashboard",
    given: { class: "chair" },
    member: "class",
    message: /no filter of the view dashboard/,
  },
  { view: "events", given: { status: "" }, member: "status", message: /no filter of the view events/ },
  { view: "items", given: { constructor: "x" }, member: "constructor", message: /no filter/ },
])("$given of $view is refused, and where", ({ view, given, member, message }) => {
  expect(readFilter(view, given)).toEqual({ wrong: { member, message: expect.stringMatching(message) } });
});

test("an instant is taken in any spelling of RFC 3339, and rows pass that are so since then or longer", () => {
  expect(read("stale", { until: "2026-03-02T01:00:00+01:00" })).toEqual({
    until: ["2026-03-02T00:00:00.000Z"],
  });
  for (const until of ["yesterday", "2026", "2026-13-40T00:00:00Z"])
    expect(readFilter("stale", { until })).toMatchObject({ wrong: { member: "until" } });
  const isWanted = rowTest("stale", read("stale", { until: "2026-03-02T00:00:00Z" }));
  expect(
    ["2026-03-01T23:59:59.999Z", "2026-03-02T00:00:00.000Z", "2026-03-02T00:00:00.001Z", null].map((since) =>
      isWanted({ key: "A", since }),
    ),
  ).toEqual([true, true, false, false]);
  // Who was seen again may have been shown: that it is not any more has to be told.
  const seen = { key: "A", row: { since: "2026-03-09T00:00:00.000Z" } };
  expect(sieved("stale", { until: "2026-03-02T00:00:00Z" }, seen)).toEqual([gone("A")]);
});

test("a row with a list passes by each of its members, and what never changes is never told as gone", () => {
  const changes = [
    { key: "1", row: { marks: ["late", "backdated"] } },
    { key: "2", row: { marks: ["rejected"] } },
  ];
  expect(sieved("flagged", { mark: "late" }, ...changes)).toEqual([
    put("1", { marks: ["late", "backdated"] }),
  ]);
  expect(readFilter("flagged", { mark: "odd" })).toMatchObject({ wrong: { member: "mark" } });
});

test("the same filter has one name in whatever order it is said", () => {
  const one = filterName(read("items", { class: "chair", status: "ready", q: "" }));
  expect(filterName(read("items", { status: " ready", class: "chair" }))).toBe(one);
  expect(filterName(read("items", { status: "wash", class: "chair" }))).not.toBe(one);
});

type Change = { readonly key: string; readonly row?: Record<string, unknown> };
const sieved = (view: LiveView, given: Record<string, string>, ...changes: Change[]) => {
  const said = {
    site: "north",
    epoch: 1,
    prev: 0,
    pos: 1,
    at: new Date(0).toISOString(),
    traces: [],
    changes: changes.map(({ key, row }) =>
      row === undefined ? { key, version: 1, del: true as const } : { key, version: 1, put: row },
    ),
  };
  return sieveOf(view, read(view, given))(deltaOf(said, 0).changes).map(({ text }) => JSON.parse(text));
};
const put = (key: string, row: Record<string, unknown>) => ({ key, version: 1, put: row });
const gone = (key: string) => ({ key, version: 1, del: true });

test("what meets a filter is put, what may have met it is gone, and what is deleted stays deleted", () => {
  const chair = { tag: "A1", class: "chair", status: "ready", place: null, name: "Red" };
  const table = { tag: "A2", class: "table", status: "ready", place: "hall", name: null };
  const changes = [{ key: "A1", row: chair }, { key: "A2", row: table }, { key: "A3" }];
  expect(sieved("items", {}, ...changes)).toEqual([put("A1", chair), put("A2", table), gone("A3")]);
  expect(sieved("items", { q: "RED" }, ...changes)).toEqual([put("A1", chair), gone("A2"), gone("A3")]);
  expect(sieved("items", { place: "hall" }, ...changes)).toEqual([gone("A1"), put("A2", table), gone("A3")]);
});

test("a row that cannot have been there before is not told at all", () => {
  const changes = [
    { key: "A1", row: { status: "wash" } },
    { key: "A2", row: {} },
    { key: "A3" },
    { key: "A1" },
  ];
  expect(sieved("items", { tag: "a1", status: "ready" }, ...changes)).toEqual([gone("A1"), gone("A1")]);
  const readers = [
    { key: "gate", row: { status: "backoff" } },
    { key: "dock", row: { status: "inventory" } },
  ];
  expect(sieved("readers", { status: "inventory" }, ...readers)).toEqual([
    gone("gate"),
    put("dock", { status: "inventory" }),
  ]);
  expect(sieved("readers", { id: "gate" }, ...readers, { key: "dock" })).toEqual([
    put("gate", { status: "backoff" }),
  ]);
});

test.each([
  { given: { type: "item.returned" }, keys: ["1:1", "1:3"] },
  { given: { type: "item.returned.v1" }, keys: ["1:1"] },
  { given: { type: "item.returned.v2,item.moved" }, keys: ["1:2", "1:3"] },
  { given: { type: "item" }, keys: [] },
  { given: { contract: "C-1" }, keys: ["1:1", "1:2"] },
  { given: { contract: "C-1", session: "s1" }, keys: ["1:2"] },
  { given: { tag: "aa" }, keys: ["1:1"] },
])("events are picked by $given, and none is ever told as gone", ({ given, keys }) => {
  const events = [
    { key: "1:1", row: { type: "item.returned.v1", tag: "AA", contract: "C-1" } },
    { key: "1:2", row: { type: "item.moved.v1", tag: "BB", contract: "C-1", session: "s1" } },
    { key: "1:3", row: { type: "item.returned.v2", tag: "BB" } },
  ];
  expect(sieved("events", given, ...events)).toEqual(
    events.filter(({ key }) => keys.includes(key)).map(({ key, row }) => put(key, row)),
  );
  const isWanted = rowTest("events", read("events", given));
  expect(events.filter(({ key, row }) => isWanted({ ...row, key })).map(({ key }) => key)).toEqual(keys);
});
