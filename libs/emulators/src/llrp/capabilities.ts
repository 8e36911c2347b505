import { type Parameter, parameter } from "@tagwire/llrp";

/** What kind of reader is emulated. */
export type LlrpModel = {
  readonly manufacturer: number;
  readonly model: number;
  readonly firmware: string;
  readonly antennas: number;
  readonly maxRoSpecs: number;
  readonly maxAccessSpecs: number;
  readonly hasUtcClock: boolean;
  /** 2 when it knows LLRP 1.1 besides 1.0.1. */
  readonly version: 1 | 2;
};

/** Power levels from 10.00 to 30.00 dBm in steps of 0.25, indices from 1: the table of a common four-port reader. */
export const powerLevels: readonly { readonly index: number; readonly centiDbm: number }[] = Array.from(
  { length: 81 },
  (_, step) => ({ index: step + 1, centiDbm: 1000 + step * 25 }),
);

export const sensitivityCount = 42;
export const hopTableId = 1;
export const modeIds: readonly number[] = [0, 1, 2, 3, 1000];

/** US channels, 902.75 to 927.25 MHz, in kHz, in a scattered order as readers list them. */
const hopFrequenciesKhz = Array.from({ length: 50 }, (_, index) => 902_750 + ((index * 37) % 50) * 500);

const eachAntenna = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

const generalCapabilities = (model: LlrpModel): Parameter =>
  parameter(
    "GeneralDeviceCapabilities",
    {
      maxAntennas: model.antennas,
      canSetAntennaProperties: false,
      hasUtcClock: model.hasUtcClock,
      manufacturer: model.manufacturer,
      model: model.model,
      firmware: model.firmware,
    },
    [
      ...Array.from({ length: sensitivityCount }, (_, step) =>
        parameter("ReceiveSensitivityTableEntry", { index: step + 1, relativeDb: step === 0 ? 0 : step + 9 }),
      ),
      parameter("GPIOCapabilities", { gpiCount: 0, gpoCount: 0 }),
      ...eachAntenna(model.antennas).map((antennaId) =>
        parameter("PerAntennaAirProtocol", { antennaId, protocolIds: Uint8Array.of(1) }),
      ),
      ...(model.version === 2 ? [parameter("MaximumReceiveSensitivity", { dbm: -80 })] : []),
    ],
  );

const llrpCapabilities = (model: LlrpModel): Parameter =>
  parameter("LLRPCapabilities", {
    canDoRfSurvey: false,
    canReportBufferFillWarning: true,
    supportsClientRequestOpSpec: false,
    canDoTagInventoryStateAwareSingulation: false,
    supportsEventAndReportHolding: true,
    maxPriorityLevel: 1,
    clientRequestOpSpecTimeoutMs: 0,
    maxRoSpecs: model.maxRoSpecs,
    maxSpecsPerRoSpec: 32,
    maxInventoryParameterSpecsPerAiSpec: 1,
    maxAccessSpecs: model.maxAccessSpecs,
    maxOpSpecsPerAccessSpec: 8,
  });

const modeTable = (): Parameter =>
  parameter(
    "UHFC1G2RFModeTable",
    {},
    modeIds.map((modeId) =>
      parameter("UHFC1G2RFModeTableEntry", {
        modeId,
        divideRatio: 1,
        conformant: false,
        modulation: modeId % 4,
        forwardLinkModulation: 2,
        spectralMask: 2,
        backscatterBitsPerSecond: 640_000,
        pieRatio: 1500,
        tariMinNs: 6250,
        tariMaxNs: 6250,
        tariStepNs: 0,
      }),
    ),
  );

const regulatoryCapabilities = (): Parameter =>
  parameter("RegulatoryCapabilities", { countryCode: 840, communicationsStandard: 1 }, [
    parameter("UHFBandCapabilities", {}, [
      ...powerLevels.map((level) => parameter("TransmitPowerLevelTableEntry", level)),
      parameter("FrequencyInformation", { hopping: true }, [
        parameter("FrequencyHopTable", { hopTableId, frequenciesKhz: hopFrequenciesKhz }),
      ]),
      modeTable(),
    ]),
  ]);

const airProtocolCapabilities = (): Parameter =>
  parameter("C1G2LLRPCapabilities", {
    canBlockErase: false,
    canBlockWrite: true,
    canBlockPermalock: false,
    canRecommission: false,
    canUmiMethod2: false,
    canXpc: false,
    maxSelectFiltersPerQuery: 2,
  });

/** The parameters that GET_READER_CAPABILITIES asks for (0 all … 4 air protocol), or undefined when it asks for none known. */
export const capabilities = (model: LlrpModel, requested: number): readonly Parameter[] | undefined => {
  const all = [
    generalCapabilities(model),
    llrpCapabilities(model),
    regulatoryCapabilities(),
    airProtocolCapabilities(),
  ];
  if (requested === 0) return all;
  const one = all[requested - 1];
  return one === undefined ? undefined : [one];
};
