import { findParameter, findParameters, type Message, type Parameter, parameter } from "@tagwire/llrp";
import { hopTableId, powerLevels } from "./capabilities.ts";
import { badField, type Refusal } from "./refusal.ts";
import {
  type ContentSelector,
  checkAntennaConfiguration,
  isRefusal,
  type ReportPlan,
  reportPlan,
} from "./rospec-plan.ts";

/** Event types of ReaderEventNotificationSpec, by number. */
export const eventTypes = {
  hopping: 0,
  gpi: 1,
  roSpec: 2,
  buffer: 3,
  exception: 4,
  survey: 5,
  aiSpec: 6,
  antenna: 8,
};
const eventTypeMax = 9;
/** Inputs of a reader, numbered from 1. */
const inputsMax = 4;
const enabledAtPowerUp = [eventTypes.exception, eventTypes.antenna];

const plainContent: ContentSelector = {
  roSpecId: false,
  specIndex: false,
  inventoryParameterSpecId: false,
  antennaId: true,
  channelIndex: false,
  peakRssi: true,
  firstSeen: true,
  lastSeen: false,
  tagSeenCount: false,
  accessSpecId: false,
  crc: false,
  pcBits: false,
};

const antennaGainCentiDbi = 0;

type SetConfig = Extract<Message, { readonly name: "SET_READER_CONFIG" }>;
type GetConfig = Extract<Message, { readonly name: "GET_READER_CONFIG" }>;

/** What a client may set on a reader, and what the reader says of it. */
export class ReaderConfig {
  readonly #antennaCount: number;
  readonly #isConnected: (antenna: number) => boolean;
  #events = new Set<number>(enabledAtPowerUp);
  #powerIndex = new Map<number, number>();
  #inputs = new Set<number>();
  #stateValue = 1;
  report: ReportPlan = { trigger: 2, n: 1, content: plainContent };
  keepaliveMs = 0;
  holdsUponReconnect = false;

  constructor(antennaCount: number, isConnected: (antenna: number) => boolean) {
    this.#antennaCount = antennaCount;
    this.#isConnected = isConnected;
  }

  tells(eventType: number): boolean {
    return this.#events.has(eventType);
  }

  /** Whether an input is listened to. */
  hears(input: number): boolean {
    return this.#inputs.has(input);
  }

  /** Takes all of the settings, or none of them and says why. */
  set(request: SetConfig): Refusal | undefined {
    const states = findParameters(
      findParameter(request.parameters, "ReaderEventNotificationSpec")?.nested ?? [],
      "EventNotificationState",
    );
    if (states.some(({ fields }) => fields.eventType > eventTypeMax)) {
      return badField(["ReaderEventNotificationSpec", "EventNotificationState"], 1, "unknown event type");
    }
    const keepalive = findParameter(request.parameters, "KeepaliveSpec")?.fields;
    if (keepalive !== undefined && keepalive.trigger > 1)
      return badField(["KeepaliveSpec"], 1, "unknown trigger");
    const configurations = findParameters(request.parameters, "AntennaConfiguration");
    for (const one of configurations) {
      const refusal = checkAntennaConfiguration(one, this.#antennaCount);
      if (refusal !== undefined) return refusal;
    }
    const inputs = findParameters(request.parameters, "GPIPortCurrentState");
    if (inputs.some(({ fields }) => fields.port < 1 || fields.port > inputsMax))
      return badField(["GPIPortCurrentState"], 0, "no such input");
    const reportSpec = findParameter(request.parameters, "ROReportSpec");
    const report = reportSpec === undefined ? undefined : reportPlan(reportSpec);
    if (report !== undefined && isRefusal(report)) return report;

    if (request.fields.resetToFactoryDefault) this.#reset();
    for (const { fields } of states) {
      if (fields.enabled) this.#events.add(fields.eventType);
      else this.#events.delete(fields.eventType);
    }
    for (const { fields } of inputs) {
      if (fields.enabled) this.#inputs.add(fields.port);
      else this.#inputs.delete(fields.port);
    }
    if (keepalive !== undefined) this.keepaliveMs = keepalive.trigger === 1 ? keepalive.intervalMs : 0;
    if (report !== undefined) this.report = report;
    for (const one of configurations) {
      const power = findParameter(one.nested, "RFTransmitter")?.fields.powerIndex;
      if (power !== undefined) this.#powerIndex.set(one.fields.antennaId, power);
    }
    const holding = findParameter(request.parameters, "EventsAndReports")?.fields.holdUponReconnect;
    if (holding !== undefined) this.holdsUponReconnect = holding;
    this.#stateValue += 1;
    return undefined;
  }

  /** The parameters that GET_READER_CONFIG asks for: 0 all … 11 events and reports. Source: LLRP 1.1, GetReaderConfigRequestedData. */
  get(request: GetConfig): readonly Parameter[] | undefined {
    const all: readonly (readonly Parameter[])[] = [
      [parameter("Identification", { idType: 0, readerId: Uint8Array.of(2, 0, 0, 0xff, 0xfe, 0, 0, 1) })],
      this.#eachAntenna(request.fields.antennaId, (antennaId) => this.#properties(antennaId)),
      this.#eachAntenna(request.fields.antennaId, (antennaId) => this.#configuration(antennaId)),
      [this.#reportSpec()],
      [this.#eventSpec()],
      [parameter("AccessReportSpec", { trigger: 1 })],
      [parameter("LLRPConfigurationStateValue", { value: this.#stateValue })],
      [parameter("KeepaliveSpec", { trigger: this.keepaliveMs > 0 ? 1 : 0, intervalMs: this.keepaliveMs })],
      [],
      [],
      [parameter("EventsAndReports", { holdUponReconnect: this.holdsUponReconnect })],
    ];
    const requested = request.fields.requestedData;
    return requested === 0 ? all.flat() : all[requested - 1];
  }

  #reset(): void {
    this.#events = new Set(enabledAtPowerUp);
    this.#powerIndex = new Map();
    this.#inputs = new Set();
    this.report = { trigger: 2, n: 1, content: plainContent };
    this.keepaliveMs = 0;
    this.holdsUponReconnect = false;
  }

  #eachAntenna(wanted: number, make: (antennaId: number) => Parameter): Parameter[] {
    const ids = Array.from({ length: this.#antennaCount }, (_, index) => index + 1);
    return ids.filter((id) => wanted === 0 || wanted === id).map(make);
  }

  #properties(antennaId: number): Parameter {
    const connected = this.#isConnected(antennaId);
    return parameter("AntennaProperties", { connected, antennaId, gainCentiDbi: antennaGainCentiDbi });
  }

  #configuration(antennaId: number): Parameter {
    const powerIndex = this.#powerIndex.get(antennaId) ?? powerLevels.length;
    return parameter("AntennaConfiguration", { antennaId }, [
      parameter("RFReceiver", { sensitivityIndex: 1 }),
      parameter("RFTransmitter", { hopTableId, channelIndex: 0, powerIndex }),
    ]);
  }

  #eventSpec(): Parameter {
    const states = Array.from({ length: eventTypeMax + 1 }, (_, eventType) =>
      parameter("EventNotificationState", { eventType, enabled: this.#events.has(eventType) }),
    );
    return parameter("ReaderEventNotificationSpec", {}, states);
  }

  #reportSpec(): Parameter {
    const { trigger, n, content } = this.report;
    const { crc, pcBits, ...selector } = content;
    return parameter("ROReportSpec", { trigger, n }, [
      parameter("TagReportContentSelector", selector, [
        parameter("C1G2EPCMemorySelector", { crc, pcBits, xpcBits: false }),
      ]),
    ]);
  }
}
