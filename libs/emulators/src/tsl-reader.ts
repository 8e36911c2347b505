import { seededRandom } from "./random.ts";
import { type CableFlaws, flakyVoice } from "./serial/flaky-voice.ts";
import { type Plug, type PlugKind, plugIn } from "./serial/plug.ts";
import type { TagSource } from "./tag-source.ts";

/** How a reader and its cable lie; drawn from the seed. The protocol has no check sum, so a cable here only splits and merges. */
export type TslFlaws = Pick<CableFlaws, "splitFrames" | "mergeFrames"> & {
  /** Never says anything. */
  readonly silent?: boolean;
  /** Answers commands that begin so with this error. */
  readonly refuses?: Readonly<Record<string, string>>;
  /** Begins a round and never ends it. */
  readonly neverEnds?: boolean;
  /** Puts index, time, PC and CRC among the lines of a tag, whatever was asked for. */
  readonly talkative?: boolean;
};

export type TslReaderOptions = {
  readonly world: TagSource;
  readonly antenna: number;
  readonly plug?: PlugKind;
  readonly batteryPercent?: number;
  readonly seed?: number | string;
  readonly roundMs?: number;
  readonly flaky?: TslFlaws;
};

export type TslReader = {
  /** What a driver opens. */
  readonly address: string;
  readonly rounds: () => number;
  /** The lines heard so far. */
  readonly commands: () => readonly string[];
  readonly settings: () => { readonly powerDbm: number; readonly session: string };
  /** Somebody pulls the trigger: a round that nobody asked for. */
  readonly trigger: () => void;
  /** Says it as it is. */
  readonly say: (text: string) => void;
  /** Pulls the cable. */
  readonly unplug: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const defaultRoundMs = 20;
const commandsKeptMax = 10_000;
const power = { minDbm: 10, maxDbm: 29 } as const;

/** Starts a TSL handheld at a real pseudo-terminal or socket. */
export const startTslReader = async (options: TslReaderOptions): Promise<TslReader> => {
  const { world, antenna, flaky = {} } = options;
  const commands: string[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let settings = { powerDbm: 29, session: "s0" };
  let hasRssi = false;
  let heard = "";
  let rounds = 0;
  let plug: Plug | undefined;
  const voice = flakyVoice(flaky, seededRandom(options.seed ?? 1), (bytes) => plug?.write(bytes));

  const say = (lines: readonly string[]): void =>
    voice.say(lines.map((line) => Buffer.from(`${line}\r\n`, "latin1")));
  const reply = (command: string, lines: readonly string[], end = "OK:"): void =>
    say([`CS: ${command}`, ...lines, end, ""]);

  const tagLines = (): string[] =>
    world
      .sees(antenna, Date.now())
      .flatMap(({ epc, rssiDbm }, index) => [
        ...(flaky.talkative === true ? [`IX: ${index}`, "DT: 2026-03-02T09:00:00"] : []),
        `EP: ${epc}`,
        ...(flaky.talkative === true ? ["PC: 3000", "CR: 1D0F"] : []),
        ...(hasRssi ? [`RI: ${rssiDbm}`] : []),
      ]);
  const round = (command: string): void => {
    rounds += 1;
    const lines = tagLines();
    if (flaky.neverEnds === true) return say([`CS: ${command}`, ...lines]);
    reply(command, lines, lines.length === 0 ? "ER: 005" : "OK:");
  };
  const setOptions = (command: string): string | undefined => {
    const wanted = /-o (\d+)/.exec(command)?.[1];
    if (wanted !== undefined && (Number(wanted) < power.minDbm || Number(wanted) > power.maxDbm))
      return "ER: 003";
    settings = {
      powerDbm: wanted === undefined ? settings.powerDbm : Number(wanted),
      session: /-qs (s[0-3])/.exec(command)?.[1] ?? settings.session,
    };
    if (/-x\b/.test(command)) hasRssi = false;
    if (/-r on/.test(command)) hasRssi = true;
    return undefined;
  };
  const inventory = (command: string): void => {
    const refused = setOptions(command);
    if (refused !== undefined) return reply(command, [], refused);
    if (/-n\b/.test(command)) return reply(command, []);
    const timer = setTimeout(() => {
      timers.delete(timer);
      round(command);
    }, options.roundMs ?? defaultRoundMs);
    timers.add(timer);
  };

  const obey = (command: string): void => {
    if (commands.length < commandsKeptMax) commands.push(command);
    if (flaky.silent === true) return;
    const refusal = Object.entries(flaky.refuses ?? {}).find(([start]) => command.startsWith(start))?.[1];
    if (refusal !== undefined) return reply(command, [], `ER: ${refusal}`);
    if (command.startsWith(".iv")) return inventory(command);
    if (command === ".vr")
      return reply(command, ["MF: TSL", "US: 1128-EU-000123", "PV: 2.3", "UF: 2.10.3", "RF: 2.4.1"]);
    if (command === ".bl") return reply(command, [`BP: ${options.batteryPercent ?? 80}%`, "CH: Off"]);
    if (command === ".ab") return reply(command, []);
    reply(command, [], "ER: 001");
  };

  plug = await plugIn(options.plug ?? "serial", (bytes) => {
    heard += bytes.toString("latin1");
    const lines = heard.split(/[\r\n]+/);
    heard = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") obey(line.trim());
  });
  const connected = plug;
  const stop = async (): Promise<void> => {
    for (const timer of timers) clearTimeout(timer);
    plug = undefined;
    await connected.close();
  };
  return {
    address: connected.address,
    rounds: () => rounds,
    commands: () => [...commands],
    settings: () => settings,
    trigger: () => round(".iv -trigger"),
    say: (text) => connected.write(Buffer.from(text, "latin1")),
    unplug: stop,
    stop,
  };
};
