import { findParameter, findParameters, type Parameter, type ParameterOf } from "@tagwire/llrp";
import { hopTableId, modeIds, powerLevels, sensitivityCount } from "./capabilities.ts";
import { badField, missing, type Refusal, unsupportedParameter } from "./refusal.ts";

export type ContentSelector = ParameterOf<"TagReportContentSelector">["fields"] & {
  readonly crc: boolean;
  readonly pcBits: boolean;
};

/** When reports are sent and what is in them. `trigger` as in ROReportSpec: 0 none, 1 2 every N tags, 3 4 N s, 5 6 N ms. */
export type ReportPlan = { readonly trigger: number; readonly n: number; readonly content: ContentSelector };

export type AiPlan = {
  readonly specIndex: number;
  readonly inventoryParameterSpecId: number;
  readonly antennaIds: readonly number[];
  /** 0 until the ROSpec ends, 1 for a duration, 3 until an observation. */
  readonly stopTrigger: number;
  readonly durationMs: number;
  readonly observation?: ParameterOf<"TagObservationTrigger">["fields"];
};

/** An ROSpec as the emulator carries it out. */
export type RoSpecPlan = {
  readonly roSpecId: number;
  /** 0 by START_ROSPEC, 1 when enabled, 2 periodically. */
  readonly startTrigger: number;
  readonly startOffsetMs: number;
  readonly startPeriodMs: number;
  /** 0 without end. */
  readonly durationMs: number;
  readonly aiSpecs: readonly AiPlan[];
  readonly report: ReportPlan | undefined;
};

export const isRefusal = <T extends object>(value: T | Refusal): value is Refusal =>
  "code" in value && "nested" in value;

/** Reads an ROReportSpec; without its content selector it is refused. */
export const reportPlan = (spec: ParameterOf<"ROReportSpec">): ReportPlan | Refusal => {
  const selector = findParameter(spec.nested, "TagReportContentSelector");
  if (selector === undefined) return missing("TagReportContentSelector", "a report needs a content selector");
  if (spec.fields.trigger > 6) return badField(["ROReportSpec"], 1, "unknown report trigger");
  const memory = findParameter(selector.nested, "C1G2EPCMemorySelector")?.fields;
  const content = { ...selector.fields, crc: memory?.crc ?? false, pcBits: memory?.pcBits ?? false };
  return { trigger: spec.fields.trigger, n: spec.fields.n, content };
};

/** Checks the settings of one antenna as a reader does: indices must be in its tables. */
export const checkAntennaConfiguration = (
  configuration: ParameterOf<"AntennaConfiguration">,
  antennaCount: number,
): Refusal | undefined => {
  const { antennaId } = configuration.fields;
  if (antennaId > antennaCount)
    return badField(["AntennaConfiguration"], 1, `there is no antenna ${antennaId}`);
  const transmitter = findParameter(configuration.nested, "RFTransmitter")?.fields;
  if (transmitter !== undefined) {
    const path = ["AntennaConfiguration", "RFTransmitter"] as const;
    if (transmitter.hopTableId !== hopTableId) return badField(path, 1, "unknown hop table");
    if (!powerLevels.some(({ index }) => index === transmitter.powerIndex)) {
      return badField(path, 3, "power index is not in the table");
    }
  }
  const receiver = findParameter(configuration.nested, "RFReceiver")?.fields;
  if (
    receiver !== undefined &&
    (receiver.sensitivityIndex < 1 || receiver.sensitivityIndex > sensitivityCount)
  ) {
    return badField(["AntennaConfiguration", "RFReceiver"], 1, "sensitivity index is not in the table");
  }
  const command = findParameter(configuration.nested, "C1G2InventoryCommand");
  const mode = findParameter(command?.nested ?? [], "C1G2RFControl")?.fields.modeIndex;
  if (mode !== undefined && !modeIds.includes(mode)) {
    return badField(["AntennaConfiguration", "C1G2InventoryCommand", "C1G2RFControl"], 1, "unknown mode");
  }
  return undefined;
};

const aiPlan = (spec: ParameterOf<"AISpec">, specIndex: number, antennaCount: number): AiPlan | Refusal => {
  const { antennaIds } = spec.fields;
  if (antennaIds.length === 0) return badField(["ROSpec", "AISpec"], 1, "an AISpec needs antennas");
  if (antennaIds.some((id) => id > antennaCount)) return badField(["ROSpec", "AISpec"], 1, "no such antenna");
  const stop = findParameter(spec.nested, "AISpecStopTrigger");
  if (stop === undefined) return missing("AISpecStopTrigger", "an AISpec needs a stop trigger");
  const { trigger, durationMs } = stop.fields;
  if (trigger === 2 || trigger > 3)
    return badField(["ROSpec", "AISpec", "AISpecStopTrigger"], 1, "no such trigger");
  const inventory = findParameter(spec.nested, "InventoryParameterSpec");
  if (inventory === undefined) return missing("InventoryParameterSpec", "an AISpec needs an inventory");
  if (inventory.fields.protocolId !== 1) {
    return badField(["ROSpec", "AISpec", "InventoryParameterSpec"], 2, "only Gen2 is spoken here");
  }
  for (const configuration of findParameters(inventory.nested, "AntennaConfiguration")) {
    const refusal = checkAntennaConfiguration(configuration, antennaCount);
    if (refusal !== undefined) return refusal;
  }
  const observation = findParameter(stop.nested, "TagObservationTrigger")?.fields;
  if (trigger === 3 && observation === undefined) {
    return missing("TagObservationTrigger", "this stop trigger needs its values");
  }
  const { inventoryParameterSpecId } = inventory.fields;
  const plan = { specIndex, inventoryParameterSpecId, antennaIds, stopTrigger: trigger, durationMs };
  return observation === undefined ? plan : { ...plan, observation };
};

const boundary = (
  spec: ParameterOf<"ROSpec">,
): Pick<RoSpecPlan, "startTrigger" | "startOffsetMs" | "startPeriodMs" | "durationMs"> | Refusal => {
  const bounds = findParameter(spec.nested, "ROBoundarySpec");
  const start = findParameter(bounds?.nested ?? [], "ROSpecStartTrigger");
  const stop = findParameter(bounds?.nested ?? [], "ROSpecStopTrigger");
  if (start === undefined || stop === undefined)
    return missing("ROBoundarySpec", "an ROSpec needs its boundary");
  const path = ["ROSpec", "ROBoundarySpec"] as const;
  if (start.fields.trigger > 2)
    return badField([...path, "ROSpecStartTrigger"], 1, "this reader has no inputs");
  if (stop.fields.trigger > 1)
    return badField([...path, "ROSpecStopTrigger"], 1, "this reader has no inputs");
  const periodic = findParameter(start.nested, "PeriodicTriggerValue")?.fields;
  if (start.fields.trigger === 2 && periodic === undefined) {
    return missing("PeriodicTriggerValue", "a periodic start needs its period");
  }
  return {
    startTrigger: start.fields.trigger,
    startOffsetMs: periodic?.offsetMs ?? 0,
    startPeriodMs: periodic?.periodMs ?? 0,
    durationMs: stop.fields.trigger === 1 ? stop.fields.durationMs : 0,
  };
};

const unsupported = (nested: readonly Parameter[]): Refusal | undefined => {
  const name = nested.find((one) => one.name === "RFSurveySpec" || one.name === "LoopSpec")?.name;
  if (name !== "RFSurveySpec" && name !== "LoopSpec") return undefined;
  return unsupportedParameter(name, `${name} is not done here`);
};

/** Reads an ROSpec into what the emulator does, or says no the way a reader does. */
export const roSpecPlan = (spec: ParameterOf<"ROSpec">, antennaCount: number): RoSpecPlan | Refusal => {
  const { roSpecId, currentState, priority } = spec.fields;
  if (roSpecId === 0) return badField(["ROSpec"], 1, "ROSpec 0 means all of them and cannot be added");
  if (priority > 1) return badField(["ROSpec"], 2, "priority is over the highest");
  if (currentState !== 0) return badField(["ROSpec"], 3, "an ROSpec is added disabled");
  const bounds = boundary(spec);
  if (isRefusal(bounds)) return bounds;
  const refusal = unsupported(spec.nested);
  if (refusal !== undefined) return refusal;

  const aiSpecs: AiPlan[] = [];
  for (const [index, aiSpec] of findParameters(spec.nested, "AISpec").entries()) {
    const plan = aiPlan(aiSpec, index + 1, antennaCount);
    if (isRefusal(plan)) return plan;
    aiSpecs.push(plan);
  }
  if (aiSpecs.length === 0) return missing("AISpec", "an ROSpec needs something to do");

  const reportSpec = findParameter(spec.nested, "ROReportSpec");
  const report = reportSpec === undefined ? undefined : reportPlan(reportSpec);
  if (report !== undefined && isRefusal(report)) return report;
  return { roSpecId, ...bounds, aiSpecs, report };
};
