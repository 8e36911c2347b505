import { expect, test } from "vitest";
import { isLoose, meansEpc } from "./epc-match.ts";

const sgtin = "urn:epc:id:sgtin:0614141.812345.67.89";

test.each([
  [sgtin, sgtin],
  ["urn:tagwire:north:tag:CHAIR-1", "urn:tagwire:north:tag:CHAIR-1"],
  ["urn:epc:idpat:sgtin:0614141.812345.*", sgtin],
  ["urn:epc:idpat:sgtin:0614141.*.*", sgtin],
  ["urn:epc:idpat:sgtin:*.*.*", sgtin],
  ["urn:epc:idpat:sgtin:0614141.812345.67.89", sgtin],
  ["urn:epc:idpat:giai:0614141.*", "urn:epc:id:giai:0614141.5678"],
  ["https://id.gs1.org/01/80614141123458/21/6789", "urn:epc:id:sgtin:0614141.812345.6789"],
  [
    "https://chairs.example/some/where/01/80614141123458/21/6789?17=270101",
    "urn:epc:id:sgtin:0614141.812345.6789",
  ],
  ["http://id.gs1.org/8004/06141415678", "urn:epc:id:giai:0614141.5678"],
  // An item whose tag does not say how long the company prefix is has a link for its name.
  ["https://id.gs1.org/01/80614141123458/21/67", "https://id.gs1.org/01/80614141123458/21/67"],
  ["https://a.example/01/80614141123458/10/LOT/21/67", "https://id.gs1.org/01/80614141123458/21/67"],
  ["urn:epc:id:sgtin:0614141.812345.67", "https://id.gs1.org/01/80614141123458/21/67"],
  ["urn:epc:idpat:sgtin:0614141.812345.*", "https://id.gs1.org/01/80614141123458/21/6%2F7.8"],
  ["urn:epc:idpat:sgtin:*.*.*", "https://id.gs1.org/01/80614141123458/21/67"],
  ["urn:epc:idpat:giai:0614141.*", "https://id.gs1.org/8004/0614141A-1"],
])("%s means %s", (wanted, epc) => {
  expect(meansEpc(wanted, epc)).toBe(true);
});

test.each([
  ["urn:epc:id:sgtin:0614141.812345.67", sgtin],
  ["urn:epc:idpat:sgtin:0614141.812346.*", sgtin],
  ["urn:epc:idpat:grai:0614141.812345.*", sgtin],
  ["urn:epc:idpat:sgtin:0614141.812345.*.*.*.*", sgtin],
  ["urn:epc:idpat:sgtin:0614141.812345.*", "urn:tagwire:north:tag:CHAIR-1"],
  ["https://id.gs1.org/01/80614141123458/21/678", "urn:epc:id:sgtin:0614141.812345.6789"],
  ["https://id.gs1.org/01/80614141123458/21/6789", "urn:tagwire:north:tag:CHAIR-1"],
  ["https://", "urn:epc:id:sgtin:0614141.812345.6789"],
  ["https://id.gs1.org/01/80614141123458/21/6789", "urn:epc:id:gid:1.2.3"],
  ["urn:epc:id:sgtin:0614141.812345.68", "https://id.gs1.org/01/80614141123458/21/67"],
  ["urn:epc:idpat:sgtin:0614142.*.*", "https://id.gs1.org/01/80614141123458/21/67"],
  ["urn:epc:idpat:sscc:*.*", "https://id.gs1.org/01/80614141123458/21/67"],
  ["urn:epc:idpat:giai:0614141.*", "https://id.gs1.org/8004/061414A1"],
])("%s does not mean %s", (wanted, epc) => {
  expect(meansEpc(wanted, epc)).toBe(false);
});

test("only patterns and links take looking at each EPC", () => {
  expect([sgtin, "urn:tagwire:north:tag:1", "urn:x:y"].filter(isLoose)).toEqual([]);
  expect(["urn:epc:idpat:sgtin:1.*.*", "https://id.gs1.org/00/1"].filter(isLoose)).toHaveLength(2);
});
