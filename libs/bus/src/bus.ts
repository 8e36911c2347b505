import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { Fault } from "@tagwire/messages";
import type { Logger } from "pino";

/** Below this, atomic batches drop duplicates wrongly and five authorization fixes are missing. */
export const natsVersionMin = [2, 12, 7] as const;
const reconnectDelayMs = 250;
const pingIntervalMs = 5_000;
const connectTimeoutMs = 5_000;
/** How long a question waits for its answer unless the asker says otherwise, in ms. */
export const defaultRequestTimeoutMs = 5_000;
const answerTimeoutMs = 2_000;

export type Bus = {
  readonly connection: NatsConnection;
  readonly jetStream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly log: Logger;
  /** On how many servers of a cluster a stream is kept that we create. */
  readonly streamReplicas: number;
  /** Names what the world did to a service while it answered, as the fault it is; undefined for our own mistakes. */
  readonly faultOf: (error: unknown) => Fault | undefined;
  /** Whether the connection stands, as far as is known: a server that froze is noticed after several seconds. */
  readonly isConnected: () => boolean;
  /** Whether the server answers right now, within two seconds. */
  readonly isAnswering: () => Promise<boolean>;
  readonly close: () => Promise<void>;
};

const isNewEnough = (version: string): boolean => {
  const have = version.split(/[.-]/).map(Number);
  for (const [index, want] of natsVersionMin.entries()) {
    const field = have[index] ?? 0;
    if (field !== want) return field > want;
  }
  return true;
};

/**
 * Connects to NATS and stays connected. Each service gets its own inbox prefix, so that permissions can keep replies apart.
 *
 * @throws Fault `bus.unreachable` when the server does not answer, `bus.too_old` when it is below {@link natsVersionMin}.
 */
export const openBus = async (options: {
  url: string;
  name: string;
  log: Logger;
  /** Default: one, as a server alone can. */
  streamReplicas?: number;
  faultOf?: Bus["faultOf"];
}): Promise<Bus> => {
  const { url, name, log } = options;
  const connection = await connect({
    servers: url.split(","),
    name,
    inboxPrefix: `_INBOX_${name.replaceAll(/[^A-Za-z0-9_-]/g, "_")}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectDelayMs,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
    timeout: connectTimeoutMs,
    // The client would otherwise take a stack trace for every request, in case it fails: a tenth of a millisecond each.
    noAsyncTraces: true,
  }).catch((cause: unknown) => {
    throw new Fault("bus.unreachable", name, { cause });
  });
  const version = connection.info?.version ?? "0";
  if (!isNewEnough(version)) {
    await connection.close();
    throw new Fault("bus.too_old", `this one is ${version}`);
  }

  let connected = true;
  const watch = async () => {
    for await (const status of connection.status()) {
      if (status.type === "disconnect") connected = false;
      if (status.type === "reconnect") connected = true;
      if (status.type === "disconnect" || status.type === "reconnect")
        log.warn({ status: status.type }, "nats connection");
    }
  };
  watch().catch((err: unknown) => log.error({ err }, "nats status ended"));

  const isConnected = () => connected && !connection.isClosed();
  let asked: Promise<boolean> | undefined;
  const isAnswering = async (): Promise<boolean> => {
    if (!isConnected()) return false;
    // One question at a time: those that a frozen server does not answer would pile up.
    asked ??= connection
      .rtt()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        asked = undefined;
      });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, answerTimeoutMs, false);
    });
    const isAnswered = await Promise.race([asked, late]);
    clearTimeout(timer);
    return isAnswered;
  };

  return {
    connection,
    jetStream: jetstream(connection),
    manager: await jetstreamManager(connection),
    log,
    streamReplicas: options.streamReplicas ?? 1,
    faultOf: options.faultOf ?? (() => undefined),
    isConnected,
    isAnswering,
    close: async () => {
      if (connection.isClosed()) return;
      await connection.drain().catch(() => connection.close());
    },
  };
};
