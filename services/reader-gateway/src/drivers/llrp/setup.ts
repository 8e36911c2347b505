import { findParameters, type Parameter } from "@tagwire/llrp";
import { Fault } from "@tagwire/messages";
import type { AntennaSettings, DriverHost, DriverSettings } from "../driver.ts";
import { buildTidSpec, ourAccessSpecId } from "./access-spec.ts";
import type { LlrpConnection } from "./connection.ts";
import type { LlrpLimits } from "./limits.ts";
import {
  type Channel,
  channelsOf,
  checkAntennas,
  type ReaderFacts,
  readerFacts,
  unknownFacts,
} from "./reader-facts.ts";
import { buildRoSpec, eventSettings, inputSettings, keepaliveSettings, ourRoSpecId } from "./rospec.ts";

const everything = 0;
const active = 2;
const startAttemptsMax = 3;

type Question = {
  readonly connection: LlrpConnection;
  readonly host: DriverHost;
  readonly limits: LlrpLimits;
};

/** What the farewell needs of a connection. */
export type Asked = Pick<LlrpConnection, "request" | "hasEnded">;

/** Runs a step that a reader may refuse. A connection that ended meanwhile is no refusal. */
const tolerantly = async (connection: Asked, step: Promise<unknown>): Promise<Fault | undefined> => {
  try {
    await step;
    return undefined;
  } catch (error) {
    if (connection.hasEnded || !(error instanceof Fault)) throw error;
    return error;
  }
};

/**
 * Agrees on 1.1. Whatever the reader answers instead, or if it does not, 1.0.1 it is.
 *
 * Only readers that show that they know 1.1 are asked: the question itself is in 1.1, and there are readers of 1.0.1 that
 * never find back into step after a header with a version they do not know.
 */
const negotiateVersion = async ({ connection, limits }: Question): Promise<void> => {
  const how = { version: 2, timeoutMs: limits.questionTimeoutMs } as const;
  const negotiate = async (): Promise<void> => {
    const { fields } = await connection.request("GET_SUPPORTED_VERSION", { fields: {} }, how);
    if (fields.supportedVersion < 2) return;
    if (fields.currentVersion < 2) {
      await connection.request("SET_PROTOCOL_VERSION", { fields: { protocolVersion: 2 } }, how);
    }
    connection.version = 2;
  };
  await tolerantly(connection, negotiate());
};

/** Asks for events and keepalives; a reader that does not have all of the events is asked for keepalives alone. */
const setEventsAndKeepalive = async (connection: LlrpConnection, keepaliveMs: number, host: DriverHost) => {
  const fields = { resetToFactoryDefault: false };
  const keepalive = keepaliveSettings(keepaliveMs);
  const both = connection.request("SET_READER_CONFIG", { fields, parameters: [eventSettings(), keepalive] });
  const fault = await tolerantly(connection, both);
  if (fault === undefined) return;
  await connection.request("SET_READER_CONFIG", { fields, parameters: [keepalive] });
  host.notice({ kind: "warning", code: "events_refused", message: fault.message });
};

/** Asks for what light barriers say. A reader without them is read all the same; which way tags pass is not known then. */
const openInputs = async ({ connection, host }: Question, ports: readonly number[]): Promise<void> => {
  if (ports.length === 0) return;
  const content = { fields: { resetToFactoryDefault: false }, parameters: inputSettings(ports) };
  const fault = await tolerantly(connection, connection.request("SET_READER_CONFIG", content));
  if (fault !== undefined) host.notice({ kind: "warning", code: "inputs_refused", message: fault.message });
};

/** Has the reader ask tags for their TID. One that does not know how goes on with the EPCs alone, and says so. */
const askTids = async ({ connection, host }: Question): Promise<void> => {
  const ask = async (): Promise<void> => {
    await connection.request("ADD_ACCESSSPEC", { fields: {}, parameters: [buildTidSpec()] });
    await connection.request("ENABLE_ACCESSSPEC", { fields: { accessSpecId: ourAccessSpecId } });
  };
  const fault = await tolerantly(connection, ask());
  if (fault !== undefined) host.notice({ kind: "warning", code: "tid_refused", message: fault.message });
};

/** Readers differ in what they make of deleting when there is nothing; only adding ours has to work. */
const clear = async ({ connection, host, limits }: Question): Promise<void> => {
  const how = { timeoutMs: limits.questionTimeoutMs };
  const deleted = connection.request("DELETE_ACCESSSPEC", { fields: { accessSpecId: everything } }, how);
  const fault = await tolerantly(connection, deleted);
  if (fault !== undefined) {
    host.notice({ kind: "warning", code: "access_specs_kept", message: fault.message });
  }
  await clearRoSpecs(connection, host);
};

/** A reader that refuses to delete everything may have nothing, or wants to be told what: ours then goes by its number. */
const clearRoSpecs = async (connection: LlrpConnection, host: DriverHost): Promise<void> => {
  const remove = (roSpecId: number) =>
    tolerantly(connection, connection.request("DELETE_ROSPEC", { fields: { roSpecId } }));
  const fault = await remove(everything);
  if (fault === undefined) return;
  if (fault.code === "reader.silent") throw fault;
  host.notice({ kind: "warning", code: "ro_specs_kept", message: fault.message });
  await remove(ourRoSpecId);
};

/** Whether our ROSpec runs; undefined when the reader does not say. */
const isRunning = async (connection: LlrpConnection, limits: LlrpLimits): Promise<boolean | undefined> => {
  let running: boolean | undefined;
  const ask = async (): Promise<void> => {
    const how = { timeoutMs: limits.questionTimeoutMs };
    const { parameters } = await connection.request("GET_ROSPECS", { fields: {} }, how);
    const ours = findParameters(parameters, "ROSpec").find(({ fields }) => fields.roSpecId === ourRoSpecId);
    if (ours !== undefined) running = ours.fields.currentState === active;
  };
  await tolerantly(connection, ask());
  return running;
};

/** Asks what the reader is. One that does not tell is read all the same, with its own settings. */
const learnFacts = async ({ connection, host, limits }: Question): Promise<ReaderFacts | undefined> => {
  let facts: ReaderFacts | undefined;
  const ask = async (): Promise<void> => {
    const how = { timeoutMs: limits.questionTimeoutMs };
    const content = { fields: { requestedData: everything } };
    facts = readerFacts((await connection.request("GET_READER_CAPABILITIES", content, how)).parameters);
  };
  const fault = await tolerantly(connection, ask());
  if (fault !== undefined && fault.code !== "reader.silent") throw fault;
  if (facts === undefined) {
    const message = "the reader does not tell its capabilities; it is used with its own settings";
    host.notice({ kind: "warning", code: "capabilities_unknown", message });
    return undefined;
  }
  const { firmware, model, antennas } = facts;
  host.notice({ kind: "identified", firmware, model, antennas });
  return facts;
};

/** Asks how the reader is set, and tells which of our antennas are plugged in. Silence means that nothing is known. */
const learnChannels = async (
  { connection, host, limits }: Question,
  antennas: readonly AntennaSettings[],
): Promise<ReadonlyMap<number, Channel>> => {
  let config: readonly Parameter[] = [];
  const ask = async (): Promise<void> => {
    const fields = {
      antennaId: everything,
      requestedData: everything,
      gpiPort: everything,
      gpoPort: everything,
    };
    const how = { timeoutMs: limits.questionTimeoutMs };
    config = (await connection.request("GET_READER_CONFIG", { fields }, how)).parameters;
  };
  const fault = await tolerantly(connection, ask());
  if (fault !== undefined && fault.code !== "reader.silent") throw fault;
  const configured = new Set(antennas.map(({ port }) => port));
  for (const { fields } of findParameters(config, "AntennaProperties")) {
    if (configured.size > 0 && !configured.has(fields.antennaId)) continue;
    host.notice({ kind: "antenna", antenna: fields.antennaId, connected: fields.connected });
  }
  return channelsOf(config);
};

/**
 * Starts our ROSpec unless its trigger has done so. A start may be refused because the trigger was quicker; of a reader that
 * does not say what runs, a refusal is taken to mean just that.
 */
export const ensureRunning = async (connection: LlrpConnection, limits: LlrpLimits): Promise<void> => {
  let fault: Fault | undefined;
  for (let attempt = 0; attempt < startAttemptsMax; attempt += 1) {
    const running = await isRunning(connection, limits);
    if (running === true) return;
    fault = await tolerantly(
      connection,
      connection.request("START_ROSPEC", { fields: { roSpecId: ourRoSpecId } }),
    );
    if (fault === undefined || running === undefined) return;
  }
  throw fault ?? new Fault("reader.error", "the ROSpec does not start");
};

export type SetUp = {
  readonly host: DriverHost;
  readonly limits: LlrpLimits;
  /** Called before our ROSpec is sent: from here on there may be something to take away again. */
  readonly adding: () => void;
};

/** Brings a greeted reader to reading: version, what it is, events, keepalives, our ROSpec and nothing else. */
export const setUpReader = async (
  connection: LlrpConnection,
  settings: Pick<DriverSettings, "antennas" | "inputs" | "asksTid" | "session">,
  { host, limits, adding }: SetUp,
): Promise<void> => {
  const { antennas, inputs = [], asksTid = false } = settings;
  const question = { connection, host, limits };
  if (connection.heardVersion === 2) await negotiateVersion(question);
  const facts = await learnFacts(question);
  if (connection.version === 1 && facts?.knowsVersion2 === true) await negotiateVersion(question);
  if (facts !== undefined) checkAntennas(facts, antennas);
  const channels = await learnChannels(question, antennas);

  connection.send("ENABLE_EVENTS_AND_REPORTS", { fields: {} });
  await setEventsAndKeepalive(connection, limits.keepaliveMs, host);
  await openInputs(question, inputs);
  connection.watch(limits.keepaliveMs);
  await clear(question);
  const roSpec = buildRoSpec(facts ?? unknownFacts, settings, channels);
  adding();
  await connection.request("ADD_ROSPEC", { fields: {}, parameters: [roSpec] });
  if (asksTid) await askTids(question);
  await connection.request("ENABLE_ROSPEC", { fields: { roSpecId: ourRoSpecId } });
};

/**
 * Leaves the reader as it was found. Nobody else may connect to it before it has seen the close, so that is said even when
 * what came before was not answered.
 */
export const sayGoodbye = async (
  connection: Asked,
  { hasRoSpec, asksTid = false }: { readonly hasRoSpec: boolean; readonly asksTid?: boolean | undefined },
  limits: Pick<LlrpLimits, "goodbyeStepTimeoutMs">,
): Promise<void> => {
  const how = { timeoutMs: limits.goodbyeStepTimeoutMs };
  const fields = { roSpecId: ourRoSpecId };
  try {
    if (hasRoSpec) {
      const stopped = tolerantly(connection, connection.request("STOP_ROSPEC", { fields }, how));
      const tids = { fields: { accessSpecId: ourAccessSpecId } };
      // In one step with the stop: a goodbye has time for three.
      if (asksTid) await tolerantly(connection, connection.request("DELETE_ACCESSSPEC", tids, how));
      await stopped;
      await tolerantly(connection, connection.request("DELETE_ROSPEC", { fields }, how));
    }
    await connection.request("CLOSE_CONNECTION", { fields: {} }, how);
  } catch {
    // The connection is over either way, and there is nobody left to tell.
  }
};
