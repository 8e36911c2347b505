import { type Parameter, parameter } from "@tagwire/llrp";
import type { AntennaSettings, DriverSettings } from "../driver.ts";
import { type Channel, powerIndexFor, type ReaderFacts } from "./reader-facts.ts";

type Wanted = Pick<DriverSettings, "antennas" | "session">;

/** Readers hold few ROSpecs, often one, so ours has a number of its own and everything else is deleted first. */
export const ourRoSpecId = 1;

const everyAntenna = 0;
const gen2 = 1;
const immediately = 1;
const everyNTagsOrEndOfRoSpec = 2;

/** Event types that we want to be told; see LLRP 1.1, EventNotificationState. */
const wantedEvents = { gpi: 1, roSpec: 2, buffer: 3, exception: 4, antenna: 8 } as const;
const eventTypes = [0, 1, 2, 3, 4, 5, 6, 7, 8];

export const eventSettings = (): Parameter => {
  const wanted = new Set<number>(Object.values(wantedEvents));
  const states = eventTypes.map((eventType) =>
    parameter("EventNotificationState", { eventType, enabled: wanted.has(eventType) }),
  );
  return parameter("ReaderEventNotificationSpec", {}, states);
};

const unknownState = 2;

/** Inputs are deaf until they are asked to hear. Source: LLRP 1.1, GPIPortCurrentState. */
export const inputSettings = (ports: readonly number[]): Parameter[] =>
  ports.map((port) => parameter("GPIPortCurrentState", { port, enabled: true, state: unknownState }));

export const keepaliveSettings = (intervalMs: number): Parameter =>
  parameter("KeepaliveSpec", { trigger: 1, intervalMs });

/** Every field is asked for, and each tag is reported as soon as it is heard. */
const reportSpec = (): Parameter =>
  parameter("ROReportSpec", { trigger: everyNTagsOrEndOfRoSpec, n: 1 }, [
    parameter(
      "TagReportContentSelector",
      {
        roSpecId: true,
        specIndex: true,
        inventoryParameterSpecId: true,
        antennaId: true,
        channelIndex: true,
        peakRssi: true,
        firstSeen: true,
        lastSeen: true,
        tagSeenCount: true,
        accessSpecId: true,
      },
      [parameter("C1G2EPCMemorySelector", { crc: true, pcBits: true, xpcBits: false })],
    ),
  ]);

/** How many tags are expected at a time: a session comes with this, and readers adapt it. Source: the preset Normal of EdgeX's RFID inventory. */
const tagPopulation = 1_000;

/** The rest of how tags are called stays as the reader has it. */
const inventoryCommand = (session: number): Parameter =>
  parameter("C1G2InventoryCommand", { stateAware: false }, [
    parameter("C1G2SingulationControl", { session, tagPopulation, tagTransitMs: 0 }),
  ]);

const antennaConfigurations = (
  facts: Pick<ReaderFacts, "powerLevels" | "channel">,
  { antennas, session }: Wanted,
  channels: ReadonlyMap<number, Channel>,
): Parameter[] => {
  const command = session === undefined ? [] : [inventoryCommand(session)];
  const transmitterOf = (antenna: AntennaSettings): Parameter[] => {
    if (antenna.powerDbm === undefined) return [];
    const powerIndex = powerIndexFor(facts.powerLevels, antenna, antenna.powerDbm);
    const { hopTableId, channelIndex } = channels.get(antenna.port) ?? facts.channel;
    return [parameter("RFTransmitter", { hopTableId, channelIndex, powerIndex })];
  };
  const all: readonly AntennaSettings[] = antennas.length === 0 ? [{ port: everyAntenna }] : antennas;
  return all.flatMap((antenna) => {
    const nested = [...transmitterOf(antenna), ...command];
    return nested.length === 0
      ? []
      : [parameter("AntennaConfiguration", { antennaId: antenna.port }, nested)];
  });
};

/** The ROSpec that listens on the configured antennas (all of them when none is) until it is told to stop. */
export const buildRoSpec = (
  facts: Pick<ReaderFacts, "powerLevels" | "channel">,
  wanted: Wanted,
  channels: ReadonlyMap<number, Channel>,
): Parameter => {
  const { antennas } = wanted;
  const antennaIds = antennas.length === 0 ? [everyAntenna] : antennas.map(({ port }) => port);
  const boundary = parameter("ROBoundarySpec", {}, [
    parameter("ROSpecStartTrigger", { trigger: immediately }),
    parameter("ROSpecStopTrigger", { trigger: 0, durationMs: 0 }),
  ]);
  const listening = parameter("AISpec", { antennaIds }, [
    parameter("AISpecStopTrigger", { trigger: 0, durationMs: 0 }),
    parameter(
      "InventoryParameterSpec",
      { inventoryParameterSpecId: 1, protocolId: gen2 },
      antennaConfigurations(facts, wanted, channels),
    ),
  ]);
  return parameter("ROSpec", { roSpecId: ourRoSpecId, priority: 0, currentState: 0 }, [
    boundary,
    listening,
    reportSpec(),
  ]);
};
