import { expect, test } from "vitest";
import { shownOf } from "./told.ts";

test("an alert is shown by its words, replaces what was told of it before, and leads to the alerts of its site", () => {
  const told = { id: "line", site: "north", what: "raised", alert: "a1", severity: "warning" };
  expect(shownOf(JSON.stringify({ ...told, title: "Warning: Late (North)", text: "2 items" }))).toEqual({
    ...{ title: "Warning: Late (North)", body: "2 items", tag: "a1", place: "/#/north/alerts" },
  });
  // A digest is about several alerts, and names none.
  expect(shownOf(JSON.stringify({ ...told, alert: null, title: "t", text: "x" }))).toMatchObject({
    tag: "line",
  });
});

test.each([undefined, "", "no json", "null", "[]", '{"title":7,"site":null}'])(
  "what cannot be read is shown all the same: %j",
  (message) => {
    expect(shownOf(message)).toEqual({
      ...{ title: "Tagwire", body: "Something calls for attention.", tag: "tagwire", place: "/" },
    });
  },
);
