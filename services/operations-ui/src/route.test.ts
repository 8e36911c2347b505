import { expect, test } from "vitest";
import { parseRoute, routeText } from "./route.ts";

test.each([
  { site: "north", screen: "live" as const },
  { site: "north", screen: "items" as const, query: new URLSearchParams({ q: "a/b ?#&", group: "out" }) },
  { site: "north", screen: "laundry" as const, query: new URLSearchParams({ contract: "L 7/8&" }) },
  { site: "north", screen: "readers" as const, query: new URLSearchParams({ reader: "dock-1" }) },
  { site: "north", screen: "items" as const, tag: "Stühle 50% #7/?" },
])("an address says the place it was made from: %o", (place) => {
  const route = parseRoute(routeText(place));
  expect(route).toMatchObject({ site: place.site, screen: place.screen, tag: place.tag });
  expect(route.query.toString()).toBe(place.query?.toString() ?? "");
});

test.each(["", "#", "#/", "#/north", "#/north/nowhere", "#/%E0%A4%A/items"])(
  "%s leads to the live screen or its own",
  (text) => {
    const route = parseRoute(text);
    expect(["live", "items"]).toContain(route.screen);
    expect(route.tag).toBeUndefined();
  },
);

test.each([
  { text: "#/north/audits", unknown: "audits" },
  { text: "#/north/agreement", unknown: undefined },
  { text: "#/north", unknown: undefined },
  { text: "#/north/", unknown: undefined },
])("$text names $unknown as no screen", ({ text, unknown }) => {
  expect(parseRoute(text).unknown).toBe(unknown);
});
