import { expect, test } from "vitest";
import { tagsOf } from "./thing.ts";
import { thingNameOf } from "./thing-name.ts";

const pure = "urn:epc:id:sgtin:4012345.000009.256";
const name = "https://id.gs1.org/01/04012345000092/21/256";

test("all tags of a thing have its name, on a chip or printed", () => {
  expect(new Set(tagsOf(pure).map(thingNameOf))).toEqual(new Set([name]));
  const printed = [
    pure,
    name,
    "HTTP://CHAIRS.EXAMPLE/a/01/04012345000092/22/X/21/256?17=261231",
    "urn:epc:tag:sgtin-96:3.4012345.000009.256",
    "urn:epc:raw:96.x3014F4E4E400024000000100",
  ];
  for (const text of printed) expect(thingNameOf(text), text).toBe(name);
  expect(thingNameOf("urn:epc:id:gid:1.2.3")).toBe("urn:epc:id:gid:1.2.3");
});

test.each([
  ["chair-12"],
  ["E28011600000000000000001"],
  ["3014F4E4E40002400000010"],
  ["https://chairs.example/about"],
  ["https://id.gs1.org/01/04012345000092"],
  ["urn:epc:id:sgtin:4012345.000009"],
  ["urn:epc:tag:sgtin-96:9.4012345.000009.256"],
  ["urn:epc:raw:96.x12"],
])("%s names nothing but itself", (tag) => expect(thingNameOf(tag)).toBeNull());
