import { describe, expect, test } from "vitest";
import { editIdOf, editOf } from "./edit.ts";

const folded = {
  ...{ tag: "T1", class: "tent", name: null, status: "ready", quality: "A", place: "hall", contract: null },
  ...{ notes: null, version: 3, pos: 12, role: null, condition: null, replacedBy: null },
  lastFactAt: "2026-05-04T08:00:00.000Z",
};

test("fields that an edit sets are set back to what the events come to, and nothing else is", () => {
  const row = { ...folded, quality: "C-", notes: "somebody was here", place: null };
  expect(editOf(row, folded)).toEqual({
    tag: "T1",
    version: 3,
    patch: { quality: "A", notes: null, place: "hall" },
    fields: [
      { field: "quality", is: "C-", becomes: "A" },
      { field: "place", is: null, becomes: "hall" },
      { field: "notes", is: "somebody was here", becomes: null },
    ],
  });
});

test("a member that was not kept yet has no value, and is no difference", () => {
  const { role: _role, condition: _condition, ...old } = folded;
  expect(editOf({ ...folded, notes: "new" }, old)?.patch).toEqual({ notes: null });
  expect(editOf(folded, old)).toBeUndefined();
});

describe("no edit heals", () => {
  test.each([
    ["what is the same", folded],
    ["an item that is gone", null],
    ["another class", { ...folded, class: "umbrella" }],
    ["another version", { ...folded, version: 4 }],
    ["another version besides", { ...folded, version: 4, notes: "new" }],
    ["another time of the newest fact", { ...folded, lastFactAt: "2031-01-01T00:00:00.000Z" }],
    ["an item that is out", { ...folded, status: "on_rent" }],
    ["an item that is on a contract", { ...folded, status: "wash", contract: "1001" }],
  ])("%s", (_what, row) => {
    expect(editOf(row, folded)).toBeUndefined();
  });

  test("what was never created", () => {
    expect(editOf(folded, null)).toBeUndefined();
  });

  test.each([
    // An edit to ready forgets what was found on it, which the events have not.
    ["a status, where something was found on it", { condition: { dirty: true } }],
    ["a status that only scans lead to", { status: "on_rent" }],
    ["a status of what goes on under another tag", { status: "retired", replacedBy: "T2" }],
  ])("%s", (_what, was) => {
    const said = { ...folded, ...was };
    expect(editOf({ ...said, status: "wash" }, said)).toBeUndefined();
    // Its other fields are set back all the same.
    expect(editOf({ ...said, notes: "new" }, said)?.patch).toEqual({ notes: null });
  });

  test("a value from before there was a rule for it, which nobody can state any more", () => {
    expect(editOf({ ...folded, quality: "C" }, { ...folded, quality: "B--" })).toBeUndefined();
  });
});

test("a status is set back where the thing is on the floor either way", () => {
  expect(editOf({ ...folded, status: "wash" }, folded)?.patch).toEqual({ status: "ready" });
});

test("the same edit of the same version has one id; of a later version, of another finding or with another value it has another", () => {
  const finding = { site: "north", id: "0198c0de-0000-7000-8000-000000000001" };
  const edit = (row: object) => {
    const found = editOf({ ...folded, quality: "C", ...row }, { ...folded, ...row });
    if (found === undefined) throw new Error("no edit");
    return found;
  };
  const id = editIdOf(finding, edit({}));
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(editIdOf(finding, edit({}))).toBe(id);
  const others = [
    editIdOf(finding, edit({ version: 4 })),
    editIdOf({ ...finding, id: "0198c0de-0000-7000-8000-000000000002" }, edit({})),
    editIdOf({ ...finding, site: "south" }, edit({})),
    editIdOf(finding, { ...edit({}), patch: { quality: "B" } }),
  ];
  expect(new Set([id, ...others]).size).toBe(others.length + 1);
});
