import { expect, test } from "vitest";
import { namesAThing, thingTags } from "./thing-tags.ts";

const tag = "3074257BF7194E4000001A85";

test.each(["urn:epc:id:sgtin:0614141.812345.6789", "https://id.gs1.org/01/80614141123458/21/6789"])(
  "%s asks for one end of each scheme and length, and knows the tag among what is found",
  (name) => {
    const asked = thingTags(name);
    const own = asked.find(({ tags }) => tags.has(tag));
    expect(own?.end.length).toBeGreaterThanOrEqual(9);
    expect(tag.endsWith(own?.end ?? "none")).toBe(true);
    for (const { tags, end } of asked) for (const each of tags) expect(each.endsWith(end)).toBe(true);
  },
);

test("a tag URI is one tag", () => {
  const asked = thingTags("urn:epc:tag:sgtin-96:3.0614141.812345.6789");
  expect(asked).toEqual([{ end: tag, tags: new Set([tag]) }]);
});

test.each(["urn:epc:tag:sgtin-96:9.0614141.812345.6789", "https://example.com/", "urn:epc:id:nothing:1"])(
  "%s names nothing",
  (name) => expect(thingTags(name)).toEqual([]),
);

test.each([
  { text: "urn:epc:id:sgtin:0614141.812345.6789", is: true },
  { text: "https://id.gs1.org/01/80614141123458/21/6789", is: true },
  { text: tag, is: false },
  { text: "chair", is: false },
])("$text names a thing: $is", ({ text, is }) => expect(namesAThing(text)).toBe(is));
