import { expect, test } from "vitest";
import { emptyScheme, readScheme } from "./tag-scheme.ts";

test.each([
  {
    fields: { scheme: "sgtin-96", companyPrefix: "0614141", itemReference: "812345" },
    tag: "3014257BF7194E4000000001",
    uri: "urn:epc:id:sgtin:0614141.812345.1",
  },
  {
    fields: { scheme: "giai-96", companyPrefix: "0614141" },
    tag: "3414257BF400000000000001",
    uri: "urn:epc:id:giai:0614141.1",
  },
  { fields: { scheme: "prefix", prefix: "ab12" }, tag: "AB1200000000000000000001", uri: undefined },
] as const)("$fields.scheme comes out as $tag", ({ fields, tag, uri }) => {
  expect(readScheme({ ...emptyScheme, ...fields })).toMatchObject({ proposal: { tag, uri } });
});

test.each([
  {
    fields: { scheme: "sgtin-96", companyPrefix: "0614141", itemReference: "12" },
    says: /13 digits together/,
  },
  { fields: { scheme: "sgtin-96", companyPrefix: "06a", itemReference: "12" }, says: /6 to 12 digits/ },
  { fields: { scheme: "giai-96", companyPrefix: "" }, says: /6 to 12 digits/ },
  { fields: { scheme: "prefix", prefix: "XY" }, says: /hex digits/ },
  { fields: { scheme: "prefix", prefix: "34" }, says: /read as GIAI/ },
] as const)("what cannot be is said: $fields", ({ fields, says }) => {
  const read = readScheme({ ...emptyScheme, ...fields });
  expect("wrong" in read ? read.wrong : "").toMatch(says);
});
