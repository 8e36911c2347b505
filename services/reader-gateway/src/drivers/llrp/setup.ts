import { findParameters } from "@tagwire/llrp";
import { Fault } from "@tagwire/messages";
import type { AntennaSettings, DriverHost } from "../driver.ts";
import type { LlrpConnection } from "./connection.ts";
import type { LlrpLimits } from "./limits.ts";
import { channelsOf, checkAntennas, readerFacts } from "./reader-facts.ts";
import { buildRoSpec, eventSettings, keepaliveSettings, ourRoSpecId } from "./rospec.ts";

const everything = 0;
const active = 2;
const startAttemptsMax = 3;

/** Runs a step that a reader may refuse. A connection that ended meanwhile is no refusal. */
const tolerantly = async (connection: LlrpConnection, step: Promise<unknown>): Promise<Fault | undefined> => {
  try {
    await step;
    return undefined;
  } catch (error) {
    if (connection.hasEnded || !(error instanceof Fault)) throw error;
    return error;
  }
};

/** Agrees on 1.1 where the reader can. Whatever it answers instead, or if it does not, 1.0.1 it is. */
const negotiateVersion = async (connection: LlrpConnection, limits: LlrpLimits): Promise<void> => {
  const how = { version: 2, timeoutMs: limits.negotiationTimeoutMs } as const;
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

/** Readers differ in what they make of deleting when there is nothing; only adding ours has to work. */
const clear = async (connection: LlrpConnection, host: DriverHost): Promise<void> => {
  const deleted = connection.request("DELETE_ACCESSSPEC", { fields: { accessSpecId: everything } });
  const fault = await tolerantly(connection, deleted);
  if (fault !== undefined) {
    host.notice({ kind: "warning", code: "access_specs_kept", message: fault.message });
  }
  await connection.request("DELETE_ROSPEC", { fields: { roSpecId: everything } });
};

/** True when our ROSpec runs, or when the reader does not say. */
const isRunning = async (connection: LlrpConnection): Promise<boolean> => {
  let running = true;
  const ask = async (): Promise<void> => {
    const { parameters } = await connection.request("GET_ROSPECS", { fields: {} });
    const ours = findParameters(parameters, "ROSpec").find(({ fields }) => fields.roSpecId === ourRoSpecId);
    running = ours?.fields.currentState === active;
  };
  await tolerantly(connection, ask());
  return running;
};

/** Starts our ROSpec unless its trigger has done so. A start may be refused because the trigger was quicker. */
export const ensureRunning = async (connection: LlrpConnection): Promise<void> => {
  let fault: Fault | undefined;
  for (let attempt = 0; attempt < startAttemptsMax; attempt += 1) {
    if (await isRunning(connection)) return;
    fault = await tolerantly(
      connection,
      connection.request("START_ROSPEC", { fields: { roSpecId: ourRoSpecId } }),
    );
    if (fault === undefined) return;
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
  antennas: readonly AntennaSettings[],
  { host, limits, adding }: SetUp,
): Promise<void> => {
  await negotiateVersion(connection, limits);
  const told = await connection.request("GET_READER_CAPABILITIES", { fields: { requestedData: everything } });
  const facts = readerFacts(told.parameters);
  host.notice({ kind: "identified", firmware: facts.firmware, model: facts.model, antennas: facts.antennas });
  checkAntennas(facts, antennas);

  const config = await connection.request("GET_READER_CONFIG", {
    fields: { antennaId: everything, requestedData: everything, gpiPort: everything, gpoPort: everything },
  });
  const configured = new Set(antennas.map(({ port }) => port));
  for (const { fields } of findParameters(config.parameters, "AntennaProperties")) {
    if (configured.size > 0 && !configured.has(fields.antennaId)) continue;
    host.notice({ kind: "antenna", antenna: fields.antennaId, connected: fields.connected });
  }

  connection.send("ENABLE_EVENTS_AND_REPORTS", { fields: {} });
  await setEventsAndKeepalive(connection, limits.keepaliveMs, host);
  connection.watch(limits.keepaliveMs);
  await clear(connection, host);
  const roSpec = buildRoSpec(facts, antennas, channelsOf(config.parameters));
  adding();
  await connection.request("ADD_ROSPEC", { fields: {}, parameters: [roSpec] });
  await connection.request("ENABLE_ROSPEC", { fields: { roSpecId: ourRoSpecId } });
  await ensureRunning(connection);
};

/** Leaves the reader as it was found. Nobody else may connect to it before it has seen the close. */
export const sayGoodbye = async (
  connection: LlrpConnection,
  hasRoSpec: boolean,
  limits: LlrpLimits,
): Promise<void> => {
  const untilMs = performance.now() + limits.goodbyeTimeoutMs;
  const how = () => ({ timeoutMs: Math.max(1, untilMs - performance.now()) });
  const fields = { roSpecId: ourRoSpecId };
  try {
    if (hasRoSpec) {
      await tolerantly(connection, connection.request("STOP_ROSPEC", { fields }, how()));
      await tolerantly(connection, connection.request("DELETE_ROSPEC", { fields }, how()));
    }
    await connection.request("CLOSE_CONNECTION", { fields: {} }, how());
  } catch {
    // The connection is over either way, and there is nobody left to tell.
  }
};
