import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  decodeMessage,
  encodeMessage,
  FrameSplitter,
  findParameter,
  findParameters,
  type Message,
  type MessageContent,
  type MessageName,
  message,
  type Parameter,
  parameter,
  statusOf,
} from "@tagwire/llrp";
import { afterEach, expect, test } from "vitest";
import { type LlrpReader, type LlrpReaderOptions, startLlrpReader } from "./llrp-reader.ts";

const world = {
  sees: (antenna: number) => [{ epc: `30000000000000000000000${antenna}`, rssiDbm: -50 - antenna }],
};

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A client of nothing but the codec: what it hears is kept, and a test can wait for it. */
class Client {
  readonly heard: Message[] = [];
  readonly socket: Socket;
  #waiting: { match: (one: Message) => boolean; resolve: (one: Message) => void }[] = [];
  #nextId = 1;
  acknowledges = true;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    const splitter = new FrameSplitter({
      frame: (frame) => this.#take(decodeMessage(frame)),
      malformed: () => {},
    });
    this.socket.on("data", (chunk) => splitter.push(chunk));
  }

  #take(one: Message): void {
    this.heard.push(one);
    if (one.name === "KEEPALIVE" && this.acknowledges) this.send("KEEPALIVE_ACK", { fields: {} }, one.id);
    const due = this.#waiting.filter(({ match }) => match(one));
    this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    for (const { resolve } of due) resolve(one);
  }

  /** The next message from now on that matches. */
  next(match: (one: Message) => boolean): Promise<Message> {
    return new Promise((resolve) => {
      this.#waiting.push({ match, resolve });
    });
  }

  event(name: string): Promise<Message> {
    return this.next((one) =>
      one.parameters.some(({ nested }) => nested.some((event) => event.name === name)),
    );
  }

  send<Name extends MessageName>(name: Name, content: MessageContent<Name>, id = this.#nextId++): number {
    this.socket.write(encodeMessage(message({ version: 1, id }, name, content)));
    return id;
  }

  async ask<Name extends MessageName>(name: Name, content: MessageContent<Name>): Promise<Message> {
    const id = this.#nextId;
    const answer = this.next(
      (one) => one.id === id && (one.name.endsWith("_RESPONSE") || one.name === "ERROR_MESSAGE"),
    );
    this.send(name, content);
    return answer;
  }

  async status<Name extends MessageName>(name: Name, content: MessageContent<Name>): Promise<string> {
    return statusOf((await this.ask(name, content)).parameters).text;
  }
}

const start = async (
  options: Partial<LlrpReaderOptions> = {},
): Promise<{ reader: LlrpReader; client: Client }> => {
  const reader = await startLlrpReader({ world, roundMs: 2, ...options });
  stops.push(reader.stop);
  const client = new Client(reader.port);
  stops.push(() => client.socket.destroy());
  await client.event("ConnectionAttemptEvent");
  return { reader, client };
};

type Wish = {
  id?: number;
  start?: Parameter;
  stop?: Parameter;
  aiStop?: Parameter;
  antennas?: number[];
  report?: Parameter[];
};
const everything = {
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
};
const reportSpec = (trigger: number, n: number, content: typeof everything = everything): Parameter =>
  parameter("ROReportSpec", { trigger, n }, [parameter("TagReportContentSelector", content)]);

const roSpec = ({
  id = 1,
  start: startTrigger,
  stop,
  aiStop,
  antennas = [1],
  report = [],
}: Wish = {}): Parameter =>
  parameter("ROSpec", { roSpecId: id, priority: 0, currentState: 0 }, [
    parameter("ROBoundarySpec", {}, [
      startTrigger ?? parameter("ROSpecStartTrigger", { trigger: 1 }),
      stop ?? parameter("ROSpecStopTrigger", { trigger: 0, durationMs: 0 }),
    ]),
    parameter("AISpec", { antennaIds: antennas }, [
      aiStop ?? parameter("AISpecStopTrigger", { trigger: 0, durationMs: 0 }),
      parameter("InventoryParameterSpec", { inventoryParameterSpecId: 7, protocolId: 1 }),
    ]),
    ...report,
  ]);
const add = (spec: Parameter) => ({ fields: {}, parameters: [spec] });
const one = { fields: { roSpecId: 1 } };
const allEvents = Array.from({ length: 9 }, (_, eventType) =>
  parameter("EventNotificationState", { eventType, enabled: true }),
);
const tellAll = {
  fields: { resetToFactoryDefault: false },
  parameters: [parameter("ReaderEventNotificationSpec", {}, allEvents)],
};

test("ROSpecs are added, enabled, stopped and deleted, and every mistake has its status", async () => {
  const { client } = await start();
  const manual = { start: parameter("ROSpecStartTrigger", { trigger: 0 }) };
  expect(await client.status("ENABLE_ROSPEC", one)).toContain("M_FieldError");
  expect(await client.status("ADD_ROSPEC", { fields: {} })).toContain("M_MissingParameter");
  expect(await client.status("ADD_ROSPEC", add(roSpec({ id: 0 })))).toContain(
    "ROSpec: P_FieldError · field 1",
  );
  expect(await client.status("ADD_ROSPEC", add(roSpec({ antennas: [9] })))).toContain("AISpec");
  expect(await client.status("ADD_ROSPEC", add(roSpec(manual)))).toBe("M_Success");
  expect(await client.status("ADD_ROSPEC", add(roSpec(manual)))).toContain("ROSpec 1 exists");
  expect(await client.status("ADD_ROSPEC", add(roSpec({ id: 2 })))).toContain("M_OverflowParameter");
  expect(await client.status("START_ROSPEC", one)).toContain("disabled");
  expect(await client.status("STOP_ROSPEC", one)).toContain("not active");
  expect(await client.status("ENABLE_ROSPEC", { fields: { roSpecId: 0 } })).toBe("M_Success");
  expect(await client.status("START_ROSPEC", one)).toBe("M_Success");
  expect(await client.status("START_ROSPEC", one)).toContain("active already");
  const { parameters } = await client.ask("GET_ROSPECS", { fields: {} });
  expect(findParameter(parameters, "ROSpec")?.fields).toEqual({ roSpecId: 1, priority: 0, currentState: 2 });
  expect(await client.status("STOP_ROSPEC", one)).toBe("M_Success");
  expect(await client.status("DISABLE_ROSPEC", one)).toBe("M_Success");
  expect(await client.status("DELETE_ROSPEC", one)).toBe("M_Success");
  expect(await client.status("DELETE_ROSPEC", one)).toContain("there is no ROSpec 1");
  expect(await client.status("DELETE_ROSPEC", { fields: { roSpecId: 0 } })).toBe("M_Success");
});

test("AccessSpecs are kept, listed and deleted, and every mistake has its status", async () => {
  const { client } = await start();
  const fields = { accessSpecId: 5, antennaId: 0, protocolId: 1, currentState: false, roSpecId: 0 };
  const spec = parameter("AccessSpec", fields, [
    parameter("AccessSpecStopTrigger", { trigger: 0, operationCount: 0 }),
  ]);
  const five = { fields: { accessSpecId: 5 } };
  expect(await client.status("ENABLE_ACCESSSPEC", five)).toContain("M_FieldError");
  expect(await client.status("ADD_ACCESSSPEC", { fields: {}, parameters: [spec] })).toBe("M_Success");
  expect(await client.status("ADD_ACCESSSPEC", { fields: {}, parameters: [spec] })).toContain("exists");
  expect(await client.status("ENABLE_ACCESSSPEC", five)).toBe("M_Success");
  const { parameters } = await client.ask("GET_ACCESSSPECS", { fields: {} });
  expect(findParameter(parameters, "AccessSpec")?.fields).toEqual({ ...fields, currentState: true });
  expect(await client.status("DELETE_ACCESSSPEC", five)).toBe("M_Success");
  expect(await client.status("DELETE_ACCESSSPEC", five)).toContain("there is no AccessSpec 5");
});

test("an ROSpec ends by itself after its duration, reports first and says so", async () => {
  const { client } = await start();
  await client.ask("SET_READER_CONFIG", tellAll);
  // Room for many rounds, of which a busy machine makes few.
  const stop = parameter("ROSpecStopTrigger", { trigger: 1, durationMs: 500 });
  await client.ask("ADD_ROSPEC", add(roSpec({ stop, report: [reportSpec(2, 0)] })));
  const ended = client.next((heard) =>
    heard.parameters.some(({ nested }) => findParameter(nested, "ROSpecEvent")?.fields.event === 1),
  );
  await client.ask("ENABLE_ROSPEC", one);
  await ended;
  const reports = client.heard.filter(({ name }) => name === "RO_ACCESS_REPORT");
  expect(reports).toHaveLength(1);
  const [tag] = findParameters(reports[0]?.parameters ?? [], "TagReportData");
  expect(findParameter(tag?.nested ?? [], "TagSeenCount")?.fields.tagCount).toBeGreaterThan(1);
  expect(findParameter(tag?.nested ?? [], "InventoryParameterSpecID")?.fields.inventoryParameterSpecId).toBe(
    7,
  );
  expect(client.heard.indexOf(reports[0] as Message)).toBe(client.heard.length - 2);
  const { parameters } = await client.ask("GET_ROSPECS", { fields: {} });
  expect(findParameter(parameters, "ROSpec")?.fields.currentState).toBe(1);
});

test.each([
  { what: "a duration", aiStop: parameter("AISpecStopTrigger", { trigger: 1, durationMs: 10 }) },
  {
    what: "so many attempts",
    aiStop: parameter("AISpecStopTrigger", { trigger: 3, durationMs: 0 }, [
      parameter("TagObservationTrigger", {
        trigger: 2,
        tagCount: 0,
        attemptCount: 3,
        quietMs: 0,
        timeoutMs: 0,
      }),
    ]),
  },
])("an AISpec ends after $what, and the ROSpec with it", async ({ aiStop }) => {
  const { client } = await start();
  await client.ask("SET_READER_CONFIG", tellAll);
  await client.ask("ADD_ROSPEC", add(roSpec({ aiStop, report: [reportSpec(1, 0)] })));
  const aiEnded = client.event("AISpecEvent");
  const ended = client.next((heard) =>
    heard.parameters.some(({ nested }) => findParameter(nested, "ROSpecEvent")?.fields.event === 1),
  );
  await client.ask("ENABLE_ROSPEC", one);
  await aiEnded;
  await ended;
  expect(client.heard.map(({ name }) => name)).toContain("RO_ACCESS_REPORT");
});

test("a periodic ROSpec runs again and again", async () => {
  const { client } = await start();
  await client.ask("SET_READER_CONFIG", tellAll);
  const periodic = parameter("ROSpecStartTrigger", { trigger: 2 }, [
    parameter("PeriodicTriggerValue", { offsetMs: 1, periodMs: 20 }),
  ]);
  const stop = parameter("ROSpecStopTrigger", { trigger: 1, durationMs: 5 });
  await client.ask("ADD_ROSPEC", add(roSpec({ start: periodic, stop })));
  await client.ask("ENABLE_ROSPEC", one);
  for (let times = 0; times < 3; times += 1) {
    await client.next((heard) =>
      heard.parameters.some(({ nested }) => findParameter(nested, "ROSpecEvent")?.fields.event === 0),
    );
  }
});

test("reports hold what was asked for and nothing else", async () => {
  const { client } = await start();
  const nothing = Object.fromEntries(Object.keys(everything).map((key) => [key, false])) as typeof everything;
  const report = [reportSpec(1, 2, { ...nothing, antennaId: true })];
  await client.ask("ADD_ROSPEC", add(roSpec({ antennas: [2, 3], report })));
  const reported = client.next(({ name }) => name === "RO_ACCESS_REPORT");
  await client.ask("ENABLE_ROSPEC", one);
  const tags = findParameters((await reported).parameters, "TagReportData");
  expect(tags.map(({ nested }) => nested.map(({ name }) => name))).toEqual([
    ["EPC96", "AntennaID"],
    ["EPC96", "AntennaID"],
  ]);
});

test("without a trigger reports wait until they are asked for", async () => {
  const { promise: listened, resolve } = Promise.withResolvers<void>();
  const sees = (antenna: number) => {
    resolve();
    return world.sees(antenna);
  };
  const { client } = await start({ world: { sees } });
  await client.ask("ADD_ROSPEC", add(roSpec({ report: [reportSpec(0, 0)] })));
  await client.ask("ENABLE_ROSPEC", one);
  await listened;
  const reported = client.next(({ name }) => name === "RO_ACCESS_REPORT");
  client.send("GET_REPORT", { fields: {} });
  await reported;
});

test("keepalives come as set, and a client that does not answer is dropped", async () => {
  const { client, reader } = await start();
  client.acknowledges = false;
  const closed = new Promise((resolve) => client.socket.once("close", resolve));
  await client.ask("SET_READER_CONFIG", {
    fields: { resetToFactoryDefault: false },
    parameters: [parameter("KeepaliveSpec", { trigger: 1, intervalMs: 10 })],
  });
  await closed;
  expect(client.heard.filter(({ name }) => name === "KEEPALIVE")).toHaveLength(3);
  expect(reader.stats().keepalivesMissed).toBeGreaterThan(0);
});

test("a second client is refused and the first one told", async () => {
  const { client, reader } = await start();
  const told = client.event("ConnectionAttemptEvent");
  const second = new Client(reader.port);
  const [refusal, notice] = await Promise.all([second.event("ConnectionAttemptEvent"), told]);
  const statusIn = (heard: Message) =>
    findParameter(heard.parameters[0]?.nested ?? [], "ConnectionAttemptEvent")?.fields.status;
  expect([statusIn(refusal), statusIn(notice)]).toEqual([2, 4]);
});

test("a reader that drops its connections does so again and again, and serves in between", async () => {
  const reader = await startLlrpReader({ world, seed: 5, flaky: { dropsAfterMs: 30 } });
  stops.push(reader.stop);
  for (let times = 0; times < 3; times += 1) {
    const client = new Client(reader.port);
    const closed = once(client.socket, "close");
    await client.event("ConnectionAttemptEvent");
    await closed;
  }
  expect(reader.stats()).toMatchObject({ connections: 3, refused: 0 });
});

test("settings are read back, and impossible ones change nothing", async () => {
  const { client } = await start();
  const fields = { antennaId: 0, requestedData: 8, gpiPort: 0, gpoPort: 0 };
  const set = (parameters: Parameter[]) => ({ fields: { resetToFactoryDefault: false }, parameters });
  const keepalive = parameter("KeepaliveSpec", { trigger: 1, intervalMs: 60_000 });
  const tooStrong = parameter("AntennaConfiguration", { antennaId: 1 }, [
    parameter("RFTransmitter", { hopTableId: 1, channelIndex: 0, powerIndex: 200 }),
  ]);
  expect(await client.status("SET_READER_CONFIG", set([keepalive, tooStrong]))).toContain("RFTransmitter");
  const read = async () =>
    findParameter((await client.ask("GET_READER_CONFIG", { fields })).parameters, "KeepaliveSpec")?.fields;
  expect(await read()).toEqual({ trigger: 0, intervalMs: 0 });
  expect(await client.status("SET_READER_CONFIG", set([keepalive]))).toBe("M_Success");
  expect(await read()).toEqual({ trigger: 1, intervalMs: 60_000 });
  expect(await client.status("GET_READER_CONFIG", { fields: { ...fields, requestedData: 99 } })).toContain(
    "M_FieldError",
  );
});

test.each([
  [1, ["Identification"]],
  [2, ["AntennaProperties"]],
  [3, ["AntennaConfiguration"]],
  [4, ["ROReportSpec"]],
  [5, ["ReaderEventNotificationSpec"]],
  [6, ["AccessReportSpec"]],
  [7, ["LLRPConfigurationStateValue"]],
  [8, ["KeepaliveSpec"]],
  [9, []],
  [10, []],
  [11, ["EventsAndReports"]],
])("asked for settings %i it tells %j", async (requestedData, names) => {
  const { client } = await start();
  const fields = { antennaId: 0, requestedData, gpiPort: 0, gpoPort: 0 };
  const { parameters } = await client.ask("GET_READER_CONFIG", { fields });
  const told = parameters.map(({ name }) => name).filter((name) => name !== "LLRPStatus");
  expect([...new Set(told)]).toEqual(names);
});

test("what is no request is answered with an error", async () => {
  const { client } = await start();
  expect(
    await client.status("CUSTOM_MESSAGE", { fields: { vendor: 1, subtype: 1, data: new Uint8Array() } }),
  ).toContain("M_UnsupportedMessage");
  const complaint = client.next(({ name }) => name === "ERROR_MESSAGE");
  client.socket.write(Buffer.from("0414000000100000002a00b100060000", "hex"));
  expect((await complaint).id).toBe(42);
});
