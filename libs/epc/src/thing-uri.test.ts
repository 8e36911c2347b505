import { expect, test } from "vitest";
import { encodeLink } from "./epc.ts";
import { thingUriOf } from "./thing-uri.ts";

const pure = "urn:epc:id:sgtin:4012345.000009.256";
const link = "https://id.gs1.org/01/04012345000092/21/256";

test.each([
  ["3014F4E4E400024000000100", pure],
  [pure, pure],
  ["urn:epc:tag:sgtin-96:3.4012345.000009.256", pure],
  ["urn:epc:raw:96.x3014F4E4E400024000000100", pure],
  [encodeLink(link, { scheme: "sgtin+", filter: 3 }), link],
  [link, link],
  ["HTTP://CHAIRS.EXAMPLE/a/01/04012345000092/22/X/21/256?17=261231", link],
  ["chair-12", null],
  ["https://chairs.example/about", null],
  ["https://id.gs1.org/01/04012345000092", null],
  ["urn:epc:id:sgtin:4012345.000009", null],
])("%s is told as %s", (tag, uri) => expect(thingUriOf(tag)).toBe(uri));
