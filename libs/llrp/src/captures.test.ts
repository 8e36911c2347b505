import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeMessage } from "./decode.ts";
import { encodeMessage } from "./encode.ts";
import type { FieldValue } from "./fields.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import type { MessageName } from "./message.ts";
import { messageTable } from "./message-table.ts";
import type { Parameter, ParameterName } from "./parameter.ts";
import { TagReportReader } from "./tag-report.ts";

const shared = process.env.TAGWIRE_SHARED_DATA ?? join(import.meta.dirname, "../../../../shared/data");
const captures = join(shared, "llrp");
const present = existsSync(captures);
if (!present) console.log(`captured LLRP frames are not at ${captures}: their tests are skipped`);

/** Our fields' names in the words of the captures' expectations, where capitalising the first letter does not give them. */
const renamed: Readonly<Record<string, string>> = {
  maxAntennas: "MaxSupportedAntennas",
  hasUtcClock: "HasUTCClock",
  manufacturer: "DeviceManufacturer",
  firmware: "FirmwareVersion",
  relativeDb: "ReceiveSensitivity",
  gpiCount: "NumGPIs",
  gpoCount: "NumGPOs",
  antennaId: "AntennaID",
  protocolIds: "AirProtocolIDs",
  canDoRfSurvey: "CanDoRFSurvey",
  supportsEventAndReportHolding: "SupportsEventsAndReportHolding",
  maxPriorityLevel: "MaxPriorityLevelSupported",
  clientRequestOpSpecTimeoutMs: "ClientRequestedOpSpecTimeout",
  maxRoSpecs: "MaxROSpecs",
  maxSpecsPerRoSpec: "MaxSpecsPerROSpec",
  maxInventoryParameterSpecsPerAiSpec: "MaxInventoryParameterSpecsPerAISpec",
  centiDbm: "TransmitPowerValue",
  hopTableId: "HopTableID",
  frequenciesKhz: "Frequencies",
  modeId: "ModeID",
  conformant: "IsEPCHagConformant",
  backscatterBitsPerSecond: "BackscatterDataRate",
  pieRatio: "PIERatio",
  tariMinNs: "MinTariTime",
  tariMaxNs: "MaxTariTime",
  tariStepNs: "StepTariTime",
  canBlockErase: "SupportsBlockErase",
  canBlockWrite: "SupportsBlockWrite",
  canBlockPermalock: "SupportsBlockPermalock",
  canRecommission: "SupportsTagRecommissioning",
  canUmiMethod2: "SupportsUMIMethod2",
  canXpc: "SupportsXPC",
  idType: "IDType",
  readerId: "ReaderID",
  connected: "AntennaConnected",
  gainCentiDbi: "AntennaGain",
  powerIndex: "TransmitPowerIndex",
  stateAware: "TagInventoryStateAware",
  modeIndex: "RFModeID",
  tariNs: "Tari",
  tagTransitMs: "TagTransitTime",
  eventType: "ReaderEventType",
  enabled: "NotificationEnabled",
  roSpecId: "EnableROSpecID",
  specIndex: "EnableSpecIndex",
  inventoryParameterSpecId: "EnableInventoryParamSpecID",
  channelIndex: "ChannelIndex",
  peakRssi: "EnablePeakRSSI",
  firstSeen: "EnableFirstSeenTimestamp",
  lastSeen: "EnableLastSeenTimestamp",
  tagSeenCount: "EnableTagSeenCount",
  accessSpecId: "EnableAccessSpecID",
  crc: "CRCEnabled",
  pcBits: "PCBitsEnabled",
  xpcBits: "XPCBitsEnabled",
  intervalMs: "Interval",
  epc: "EPC",
  code: "Status",
  description: "ErrorDescription",
};
const renamedIn: Partial<Record<ParameterName, Readonly<Record<string, string>>>> = {
  TagReportContentSelector: { antennaId: "EnableAntennaID", channelIndex: "EnableChannelIndex" },
  GPIPortCurrentState: { enabled: "Enabled" },
};

/** Parameters that the expectations write as their only value. */
const bare = new Set<string>([
  "UTCTimestamp",
  "FirstSeenTimestampUTC",
  "AntennaID",
  "PeakRSSI",
  "RFReceiver",
  "AccessReportSpec",
  "LLRPConfigurationStateValue",
  "EventsAndReports",
]);
const aliases: Readonly<Record<string, string>> = {
  ReceiveSensitivityTableEntry: "ReceiveSensitivities",
  PerAntennaAirProtocol: "PerAntennaAirProtocols",
  TransmitPowerLevelTableEntry: "TransmitPowerLevels",
  FrequencyHopTable: "FrequencyHopTables",
  UHFC1G2RFModeTable: "C1G2RFModes",
  UHFC1G2RFModeTableEntry: "UHFC1G2RFModeTableEntries",
  AntennaConfiguration: "AntennaConfigurations",
  C1G2RFControl: "RFControl",
  C1G2SingulationControl: "SingulationControl",
  EventNotificationState: "EventNotificationStates",
  KeepaliveSpec: "KeepAliveSpec",
  GPIPortCurrentState: "GPIPortCurrentStates",
  FirstSeenTimestampUTC: "FirstSeenUTC",
};
const lists = new Set([
  ...Object.values(aliases).filter((name) => name.endsWith("s") && name !== "C1G2RFModes"),
  "TagReportData",
  "AntennaProperties",
  "GPOWriteData",
]);

const plain = (value: FieldValue): unknown => {
  if (typeof value === "bigint") return Number(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
};

const described = (one: Parameter): unknown => {
  const fields = Object.entries<FieldValue>(one.fields);
  if (bare.has(one.name)) return plain(fields[0]?.[1] ?? 0);
  const named = fields.map(([name, value]) => {
    const ours = renamedIn[one.name as ParameterName]?.[name] ?? renamed[name];
    const key = ours ?? `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
    const isFlagAsNumber = name === "divideRatio" || key === "SingulationSession";
    return [key, isFlagAsNumber ? Number(value) : plain(value)];
  });
  return { ...Object.fromEntries(named), ...describedAll(one.nested) };
};

const describedAll = (parameters: readonly Parameter[]): Record<string, unknown> => {
  const result: Record<string, unknown> = {};
  for (const one of parameters) {
    const key = aliases[one.name] ?? one.name;
    if (!lists.has(key)) result[key] = described(one);
    else result[key] = [...((result[key] as unknown[]) ?? []), described(one)];
  }
  return result;
};

/** Drops what an expectation says is absent, since we do not write down what is not there. */
const withoutAbsent = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (typeof value !== "object" || value === null) return value;
  const isAbsent = (key: string, one: unknown, all: object): boolean =>
    one === null ||
    (key === "Uptime" && one === 0 && "UTCTimestamp" in all) ||
    (key === "EPCData" && (one as { EPC: unknown }).EPC === null);
  const kept = Object.entries(value).filter(([key, one]) => !isAbsent(key, one, value));
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutAbsent(one)]));
};

const framed = (name: MessageName, body: Buffer): Buffer => {
  const frame = Buffer.alloc(10);
  frame.writeUInt16BE((1 << 10) | messageTable[name].type, 0);
  frame.writeUInt32BE(10 + body.length, 2);
  return Buffer.concat([frame, body]);
};

const edgex: readonly { file: string; name: MessageName }[] = [
  { file: "CloseConnectionResponse-000", name: "CLOSE_CONNECTION_RESPONSE" },
  { file: "GetAccessSpecsResponse-000", name: "GET_ACCESSSPECS_RESPONSE" },
  { file: "GetROSpecsResponse-000", name: "GET_ROSPECS_RESPONSE" },
  { file: "GetReaderCapabilitiesResponse-000", name: "GET_READER_CAPABILITIES_RESPONSE" },
  { file: "GetReaderConfigResponse-000", name: "GET_READER_CONFIG_RESPONSE" },
  { file: "ReaderEventNotification-000", name: "READER_EVENT_NOTIFICATION" },
  ...Array.from({ length: 9 }, (_, index) => ({
    file: `roAccessReports/ROAccessReport-00${index + 1}`,
    name: "RO_ACCESS_REPORT" as const,
  })),
];

describe.skipIf(!present)("captured frames", () => {
  test.each(edgex)("$file decodes to its expectation, and is encoded to the same bytes", ({ file, name }) => {
    const frame = framed(name, readFileSync(join(captures, "edgex", `${file}.bytes`)));
    const expected: unknown = JSON.parse(readFileSync(join(captures, "edgex", `${file}.json`), "utf8"));
    const decoded = decodeMessage(frame);
    expect(describedAll(decoded.parameters)).toEqual(withoutAbsent(expected));
    expect(encodeMessage(decoded)).toEqual(frame);
  });

  test("the quick reader hears the same tags as the decoder", () => {
    for (const { file, name } of edgex.filter((one) => one.name === "RO_ACCESS_REPORT")) {
      const frame = framed(name, readFileSync(join(captures, "edgex", `${file}.bytes`)));
      const expected = JSON.parse(readFileSync(join(captures, "edgex", `${file}.json`), "utf8"));
      const tag = expected.TagReportData[0];
      const heard: unknown[] = [];
      new TagReportReader().read(frame, {
        tag: ({ epc, antenna, peakRssiDbm, firstSeenUtcMs }) =>
          heard.push([epc, antenna, peakRssiDbm, firstSeenUtcMs]),
        malformed: (reason) => expect.unreachable(reason),
      });
      const epc = Buffer.from(tag.EPC96.EPC, "base64").toString("hex").toUpperCase();
      expect(heard).toEqual([[epc, tag.AntennaID, tag.PeakRSSI, tag.FirstSeenUTC / 1000]]);
    }
  });

  const wholeFrames = present ? readdirSync(join(captures, "ltkjava")) : [];
  test.each(wholeFrames)("%s decodes and is encoded to the same bytes", (file) => {
    const frame = readFileSync(join(captures, "ltkjava", file));
    const decoded = decodeMessage(frame);
    expect(decoded.name).toBe(file.replace(/\d?\.bin$/, ""));
    expect(encodeMessage(decoded)).toEqual(frame);
  });

  test("a captured session of 934 messages has nothing malformed in it", () => {
    const session = readFileSync(join(captures, "session-dx101a.bin"));
    const counts = { frames: 0, tags: 0, unknown: 0, malformed: 0 };
    const reader = new TagReportReader();
    const splitter = new FrameSplitter({
      frame: (frame) => {
        counts.frames += 1;
        const decoded = decodeMessage(frame);
        if (decoded.name === "Unknown") counts.unknown += 1;
        expect(encodeMessage(decoded)).toEqual(Buffer.from(frame));
        if (decoded.name !== "RO_ACCESS_REPORT") return;
        const before = counts.tags;
        reader.read(frame, {
          tag: () => {
            counts.tags += 1;
          },
          malformed: () => {
            counts.malformed += 1;
          },
        });
        expect(counts.tags - before).toBe(
          decoded.parameters.filter((one) => one.name === "TagReportData").length,
        );
      },
      malformed: () => {
        counts.malformed += 1;
      },
    });
    for (let at = 0; at < session.length; at += 1460) splitter.push(session.subarray(at, at + 1460));
    splitter.end();
    expect(counts).toMatchObject({ frames: 934, unknown: 0, malformed: 0 });
    expect(counts.tags).toBeGreaterThan(0);
  });
});
