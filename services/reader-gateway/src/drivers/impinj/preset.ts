import type { DriverSettings } from "../driver.ts";
import { isObject, type JsonObject, numberIn } from "../json/object.ts";

/** What is started at the reader is a preset of this name, so that people see whose it is. */
export const presetName = "tagwire";

/** For a reader that has no preset of its own to go by; mode 4 is there in every region. */
const antennaOfOurs: JsonObject = {
  antennaPort: 1,
  transmitPowerCdbm: 3_000,
  rfMode: 4,
  inventorySession: 1,
  inventorySearchMode: "dual-target",
  estimatedTagPopulation: 32,
};
const portsOfOurs = [1, 2, 3, 4];

/** What each event tells: as little as is used here, for a full field is told a thousand times a second. */
const eventConfig: JsonObject = {
  common: { hostname: "disabled" },
  tagInventory: {
    // Each read is told: merging them is done here, for all readers alike.
    tagReporting: { reportingIntervalSeconds: 0, antennaIdentifier: "antennaPort", tagIdentifier: "epc" },
    epc: "disabled",
    epcHex: "enabled",
    tid: "disabled",
    tidHex: "enabled",
    antennaPort: "enabled",
    transmitPowerCdbm: "disabled",
    peakRssiCdbm: "enabled",
    frequency: "disabled",
    // Whether ISO defines what a tag holds.
    pc: "enabled",
    lastSeenTime: "enabled",
    phaseAngle: "disabled",
  },
};

const antennasOf = (preset: unknown): JsonObject[] => {
  const antennas = isObject(preset) ? preset.antennaConfigs : undefined;
  return Array.isArray(antennas) ? antennas.filter(isObject) : [];
};

/**
 * The inventory to start: the reader's own default preset, with what is set here laid over it. Antennas that are named are the only ones;
 * without any, those of its preset are, or the four that every such reader has.
 */
export const presetOf = ({ antennas, session }: DriverSettings, own: unknown): JsonObject => {
  const known = antennasOf(own);
  const first = known[0] ?? antennaOfOurs;
  const knownPorts = known.flatMap((one) => numberIn(one, "antennaPort") ?? []);
  const unnamed = (knownPorts.length > 0 ? knownPorts : portsOfOurs).map((port) => ({ port }));
  const wanted: DriverSettings["antennas"] = antennas.length > 0 ? antennas : unnamed;
  return {
    eventConfig,
    antennaConfigs: wanted.map(({ port, powerDbm }) => ({
      ...(known.find((one) => one.antennaPort === port) ?? first),
      antennaPort: port,
      ...(powerDbm === undefined ? {} : { transmitPowerCdbm: Math.round(powerDbm * 100) }),
      ...(session === undefined ? {} : { inventorySession: session }),
    })),
  };
};
