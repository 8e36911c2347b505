import { expect, test } from "vitest";
import { addressQuery, parseViews, savedViewsMax, viewQuery, withView } from "./saved-views.ts";

test("the same filters are the same view, in whichever order they were chosen, and whatever else the address says", () => {
  const one = viewQuery(new URLSearchParams("class=Chair&group=out&q="));
  const other = viewQuery(new URLSearchParams("view=Mine&group=out&class=Chair"));
  expect(one).toBe(other);
  expect(one).toBe("group=out&class=Chair");
});

test("the address of a view says its name and leads to the same view", () => {
  const address = addressQuery({ name: "To wash & dry", query: "status=wash&sort=place" });
  expect(address.get("view")).toBe("To wash & dry");
  expect(viewQuery(address)).toBe("status=wash&sort=place");
});

test("a known name means something else from now on, and views stand by name", () => {
  const views = withView(withView(withView([], { name: "B", query: "q=1" }), { name: "A", query: "" }), {
    name: "B",
    query: "q=2",
  });
  expect(views).toEqual([
    { name: "A", query: "" },
    { name: "B", query: "q=2" },
  ]);
});

test.each([null, "", "{", "7", '{"name":"A"}', '[null,3,{"name":"A"},{"query":""}]'])(
  "of what cannot be read nothing is left: %s",
  (text) => {
    expect(parseViews(text)).toEqual([]);
  },
);

test("no more views are kept than a list can hold", () => {
  const many = Array.from({ length: savedViewsMax + 5 }, (_, index) => ({ name: `${index}`, query: "" }));
  expect(parseViews(JSON.stringify(many))).toHaveLength(savedViewsMax);
});
