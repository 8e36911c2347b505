import { expect, test } from "vitest";
import { impinjEvents } from "../impinj/events.ts";
import { zebraEvents } from "../zebra/events.ts";

const epc = "3034257BF7194E4000000001";
const zebra = (said: object) => [...zebraEvents({ type: "SIMPLE", data: { idHex: epc, ...said } })];
const impinj = (said: object) =>
  impinjEvents({ eventType: "tagInventory", tagInventoryEvent: { epcHex: epc, ...said } });
const plain = (said: object) => impinjEvents({ epc, ...said });

test.each([
  [1, 1],
  [64, 64],
  ["2", 2],
  [0, 0],
  [65, 0],
  [-1, 0],
  [1.5, 0],
  ["left", 0],
  [true, 0],
])(
  "an antenna that is told as %j is %i: one that no reader has is nobody's, and not the first",
  (told, port) => {
    for (const [said] of [zebra({ antenna: told }), impinj({ antennaPort: told }), plain({ antenna: told })])
      expect(said).toMatchObject({ kind: "tag", antenna: port });
  },
);

test("without an antenna none is told", () => {
  for (const [said] of [zebra({ antenna: null }), impinj({}), plain({})])
    expect(said).not.toHaveProperty("antenna");
});

test.each([
  [-61.5, -61.5],
  [20, 20],
  [21, null],
  [-129, null],
  [1e300, null],
  ["-60", null],
])("a strength that is told as %j dBm is %j: one that cannot be is none", (told, dbm) => {
  const inHundredths = typeof told === "number" ? told * 100 : told;
  const all = [zebra({ peakRssi: told }), impinj({ peakRssiCdbm: inHundredths }), plain({ rssiDbm: told })];
  for (const [said] of all) expect(said).toMatchObject({ kind: "tag", rssiDbm: dbm });
});
