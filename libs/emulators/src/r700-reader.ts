import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type EpcSpelling, fieldsToldBy, inputEvent, statusEvent, tagEvent } from "./r700/events.ts";
import { answerRest, type R700Settings } from "./r700/interface.ts";
import { seededRandom } from "./random.ts";
import type { TagSource } from "./tag-source.ts";

/** How a reader, its firmware and its network lie; drawn from the seed. */
export type R700Flaws = {
  /** How it writes an EPC, whatever it is asked for. */
  readonly spelling?: EpcSpelling;
  /** Cuts the stream into pieces of any size, in the middle of lines and characters. */
  readonly splits?: boolean;
  /** So many percent of the lines are no JSON. */
  readonly garbledPercent?: number;
  /** Says nothing on the stream any more, not even that it lives. */
  readonly silent?: boolean;
  /** Refuses settings of the stream, as older firmware does. */
  readonly refusesStreamSettings?: boolean;
  /** Answers every question with this status. */
  readonly answers?: number;
  /** Begins the stream with the idle state from before the start, out of what it had kept. */
  readonly keptIdle?: boolean;
  /** Has no preset of its own. */
  readonly withoutDefault?: boolean;
};

export type R700Options = {
  readonly world: TagSource;
  readonly login?: { readonly username: string; readonly password: string };
  readonly rfidInterface?: "rest" | "llrp";
  readonly region?: string;
  readonly seed?: number | string;
  readonly roundMs?: number;
  /** The port to listen on; any free one unless it is named. */
  readonly port?: number;
  readonly flaky?: R700Flaws;
};

export type R700Reader = {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  readonly settings: () => R700Settings;
  /** What was asked of it, as `METHOD path`. */
  readonly asked: () => readonly string[];
  /** How many tag events it has told so far. */
  readonly told: () => number;
  /** Says a line on the stream as it is. */
  readonly say: (text: string) => void;
  /** Breaks the light barrier at an input for a moment. */
  readonly breakInput: (gpi: number) => void;
  /** Somebody stops it at its own page. */
  readonly stopInventory: () => void;
  /** Cuts every stream. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
};

const defaultRoundMs = 20;
const keepAliveRounds = 10;
const askedKeptMax = 10_000;
const bodyBytesMax = 64 * 1_024;

const ownPreset = {
  antennaConfigs: [1, 2].map((antennaPort) => ({
    antennaPort,
    transmitPowerCdbm: 2_700,
    rfMode: 1_110,
    inventorySession: 2,
    inventorySearchMode: "single-target",
    estimatedTagPopulation: 64,
  })),
};

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  let text = "";
  for await (const piece of request) {
    text += String(piece);
    if (text.length > bodyBytesMax) throw new Error("the body is too long");
  }
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
};

/** Starts a reader with Impinj's IoT device interface: its REST questions and its stream of events, on a real socket. */
export const startR700Reader = async (options: R700Options): Promise<R700Reader> => {
  const { world, login, flaky = {} } = options;
  const random = seededRandom(options.seed ?? 1);
  const streams = new Set<ServerResponse>();
  const asked: string[] = [];
  const settings: R700Settings = {
    rfidInterface: options.rfidInterface ?? "rest",
    region: options.region ?? "ETSI EN 302 208 v3.1.1",
    httpStream: {},
    presets: new Map(flaky.withoutDefault === true ? [] : [["default", ownPreset]]),
    activePreset: undefined,
  };
  let told = 0;
  let inputs = 0;
  let quietRounds = 0;

  const write = (text: string): void => {
    for (const stream of streams) {
      const bytes = Buffer.from(text);
      const cut = flaky.splits === true ? random.whole(0, bytes.length) : bytes.length;
      stream.write(bytes.subarray(0, cut));
      if (cut < bytes.length) stream.write(bytes.subarray(cut));
    }
  };
  const isGarbled = (): boolean => random.chance((flaky.garbledPercent ?? 0) / 100);

  const running = () => settings.presets.get(settings.activePreset ?? "");
  const portsInUse = (): number[] => {
    const preset = running();
    const antennas = (preset?.antennaConfigs ?? []) as readonly { readonly antennaPort: number }[];
    return antennas.map(({ antennaPort }) => antennaPort);
  };
  const round = (): void => {
    if (flaky.silent === true || streams.size === 0) return;
    const atMs = Date.now();
    const fields = fieldsToldBy(running());
    const lines = portsInUse().flatMap((antenna) =>
      world.sees(antenna, atMs).map((tag) => {
        told += 1;
        const event = tagEvent(tag, { atMs, antenna, number: told, fields, spelling: flaky.spelling });
        const garbage = isGarbled() ? '{"timestamp":"2026-\u00e4\r\n' : "";
        return `${garbage}${JSON.stringify(event)}\r\n`;
      }),
    );
    quietRounds = lines.length === 0 ? quietRounds + 1 : 0;
    if (lines.length > 0) return write(lines.join(""));
    if (quietRounds % keepAliveRounds === 0) write("\r\n");
  };

  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    streams.add(response);
    response.on("close", () => streams.delete(response));
    if (flaky.keptIdle === true) write(`${JSON.stringify(statusEvent("idle", Date.now() - 1_000))}\r\n`);
  };
  const respond = (response: ServerResponse, status: number, body?: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const isLetIn = ({ headers }: IncomingMessage): boolean =>
    login === undefined ||
    headers.authorization ===
      `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const what = `${request.method} ${(request.url ?? "").replace("/api/v1/", "")}`;
    if (asked.length < askedKeptMax) asked.push(what);
    if (flaky.answers !== undefined) return respond(response, flaky.answers, { message: "not today" });
    if (!isLetIn(request)) return respond(response, 401, { message: "unauthorized" });
    if (what === "GET data/stream") return stream(response);
    if (what === "PUT http-stream" && flaky.refusesStreamSettings === true)
      return respond(response, 400, {
        message: "unknown property",
        invalidPropertyId: "/keepAliveIntervalSeconds",
      });
    const answer = answerRest(request, body, settings) ?? { status: 404, body: { message: "no such path" } };
    respond(response, answer.status, answer.body);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const timer = setInterval(round, options.roundMs ?? defaultRoundMs);
  const cut = (): void => {
    for (const one of streams) one.destroy();
  };
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settings: () => settings,
    asked: () => [...asked],
    told: () => told,
    say: write,
    breakInput: (gpi) => {
      for (const transition of ["low-to-high", "high-to-low"] as const) {
        inputs += 1;
        const event = inputEvent({ gpi, transition }, { atMs: Date.now(), number: inputs });
        write(`${JSON.stringify(event)}\r\n`);
      }
    },
    stopInventory: () => {
      settings.activePreset = undefined;
      write(`${JSON.stringify(statusEvent("idle", Date.now()))}\r\n`);
    },
    cut,
    stop: async () => {
      clearInterval(timer);
      cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
