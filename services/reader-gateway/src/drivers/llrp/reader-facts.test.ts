import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeParameters, findParameter, findParameters, parameter } from "@tagwire/llrp";
import { expect, test } from "vitest";
import { channelsOf, powerIndexFor, readerFacts } from "./reader-facts.ts";
import { buildRoSpec } from "./rospec.ts";

const levels = [
  { index: 3, centiDbm: 3000 },
  { index: 1, centiDbm: 1000 },
  { index: 2, centiDbm: 2025 },
];
const antenna = { port: 1 };

test.each([
  { wantedDbm: 10, index: 1 },
  { wantedDbm: 20.24, index: 1 },
  { wantedDbm: 20.25, index: 2 },
  { wantedDbm: 29.99, index: 2 },
  { wantedDbm: 33, index: 3 },
])("$wantedDbm dBm is level $index, never more than was wanted", ({ wantedDbm, index }) => {
  expect(powerIndexFor(levels, antenna, wantedDbm)).toBe(index);
});

test("less than the least is a setting to correct, told with the least", () => {
  expect(() => powerIndexFor(levels, antenna, 9.9)).toThrow("the reader's least is 10 dBm");
  expect(() => powerIndexFor([], antenna, 20)).toThrow("lists no power levels");
});

test("only antennas with a wanted power are configured, on the channel the reader chose itself", () => {
  const facts = { powerLevels: levels, channel: { hopTableId: 9, channelIndex: 0 } };
  const channels = channelsOf([
    parameter("AntennaConfiguration", { antennaId: 2 }, [
      parameter("RFTransmitter", { hopTableId: 5, channelIndex: 4, powerIndex: 1 }),
    ]),
  ]);
  const antennas = [{ port: 1 }, { port: 2, powerDbm: 25 }, { port: 3, powerDbm: 30 }];
  const spec = findParameter(buildRoSpec(facts, { antennas }, channels).nested, "AISpec");
  expect(spec?.fields.antennaIds).toEqual([1, 2, 3]);
  const inventory = findParameter(spec?.nested ?? [], "InventoryParameterSpec");
  const transmitters = findParameters(inventory?.nested ?? [], "AntennaConfiguration").map(
    ({ fields, nested }) => [fields.antennaId, findParameter(nested, "RFTransmitter")?.fields],
  );
  expect(transmitters).toEqual([
    [2, { hopTableId: 5, channelIndex: 4, powerIndex: 2 }],
    [3, { hopTableId: 9, channelIndex: 0, powerIndex: 3 }],
  ]);
});

test("no antenna configured means all of them", () => {
  const facts = { powerLevels: [], channel: { hopTableId: 0, channelIndex: 1 } };
  expect(
    findParameter(buildRoSpec(facts, { antennas: [] }, new Map()).nested, "AISpec")?.fields.antennaIds,
  ).toEqual([0]);
});

const shared = process.env.TAGWIRE_SHARED_DATA ?? join(import.meta.dirname, "../../../../../../shared/data");
const captured = join(shared, "llrp/edgex/GetReaderCapabilitiesResponse-000.bytes");
if (!existsSync(captured)) console.log(`captured capabilities are not at ${captured}: their test is skipped`);

test.skipIf(!existsSync(captured))("the capabilities of a real reader are understood", () => {
  const facts = readerFacts(decodeParameters(readFileSync(captured)));
  expect(facts).toMatchObject({
    model: "Impinj 2001002",
    firmware: "5.14.0.240",
    antennas: 4,
    channel: { hopTableId: 1, channelIndex: 0 },
  });
  expect(facts?.powerLevels).toHaveLength(81);
  expect(powerIndexFor(facts?.powerLevels ?? [], antenna, 10.3)).toBe(2);
});
