import { seededRandom } from "./random.ts";
import { type CableFlaws, flakyVoice } from "./serial/flaky-voice.ts";
import { type Plug, type PlugKind, plugIn } from "./serial/plug.ts";
import type { SeenTag, TagSource } from "./tag-source.ts";

/** Lines have no check sum, so a cable here only splits and merges. */
export type LineFlaws = Pick<CableFlaws, "splitFrames" | "mergeFrames">;

/** How a tag is written. `json`, `pairs` and `values` are Speedway Connect's. */
export type LineFormat = "hex" | "json" | "pairs" | "values";

export type LineReaderOptions = {
  readonly world: TagSource;
  /** Antennas of the world that it listens on. */
  readonly antennas: readonly number[];
  readonly format: LineFormat;
  readonly plug?: PlugKind;
  readonly seed?: number | string;
  readonly roundMs?: number;
  readonly flaky?: LineFlaws;
};

export type LineReader = {
  /** What a driver opens. */
  readonly address: string;
  /** Says it as it is. */
  readonly say: (text: string) => void;
  /** Pulls the cable. */
  readonly stop: () => Promise<void>;
};

const defaultRoundMs = 20;

type Told = SeenTag & { readonly antenna: number; readonly at: string };

const formats: Record<LineFormat, (tag: Told) => string> = {
  hex: ({ epc }) => epc,
  json: ({ epc, antenna, rssiDbm, at }) =>
    JSON.stringify({
      antennaPort: antenna,
      epc,
      firstSeenTimestamp: at,
      peakRssi: rssiDbm,
      isHeartBeat: false,
    }),
  pairs: ({ epc, antenna, rssiDbm, at }) =>
    `antennaPort=${antenna},epc=${epc},firstSeenTimestamp=${at},peakRssi=${rssiDbm},isHeartBeat=false`,
  values: ({ epc, antenna, rssiDbm, at }) => `${antenna},${epc},${at},${rssiDbm}`,
};
const heartbeats: Record<LineFormat, readonly string[]> = {
  hex: [],
  json: ['{"antennaPort":0,"epc":"","isHeartBeat":true}'],
  pairs: ["antennaPort=0,epc=*,isHeartBeat=true"],
  values: ["0,*"],
};

/** Starts a reader that writes what it reads, a line each, at a real pseudo-terminal or socket. */
export const startLineReader = async (options: LineReaderOptions): Promise<LineReader> => {
  const { world, antennas, format } = options;
  let plug: Plug | undefined;
  const voice = flakyVoice(options.flaky ?? {}, seededRandom(options.seed ?? 1), (bytes) =>
    plug?.write(bytes),
  );
  plug = await plugIn(options.plug ?? "serial", () => {});
  const connected = plug;
  const timer = setInterval(() => {
    const now = Date.now();
    const at = new Date(now).toISOString();
    const lines = antennas.flatMap((antenna) =>
      world.sees(antenna, now).map((tag) => formats[format]({ ...tag, antenna, at })),
    );
    voice.say([...lines, ...heartbeats[format]].map((line) => Buffer.from(`${line}\r\n`, "latin1")));
  }, options.roundMs ?? defaultRoundMs);
  return {
    address: connected.address,
    say: (text) => connected.write(Buffer.from(text, "latin1")),
    stop: async () => {
      clearInterval(timer);
      plug = undefined;
      await connected.close();
    },
  };
};
