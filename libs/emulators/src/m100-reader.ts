import { type M100Command, m100Frame, tagNotice, takeCommands } from "./m100/protocol.ts";
import { seededRandom } from "./random.ts";
import { type CableFlaws, type FlakyVoice, flakyVoice } from "./serial/flaky-voice.ts";
import { openPty, type Pty } from "./serial/pty.ts";
import type { TagSource } from "./tag-source.ts";

/** How a module and its cable lie; drawn from the seed. */
export type M100Flaws = CableFlaws & {
  /** Never says anything. */
  readonly silent?: boolean;
  /** Says nothing in rounds without a tag, as some clones do. */
  readonly quietWhenEmpty?: boolean;
  /** Gives a poll up after so many rounds, whatever was asked for. */
  readonly roundsMax?: number;
  /** Answers these commands with this error code. */
  readonly refuses?: Readonly<Record<number, number>>;
  /** Says this error in every round. */
  readonly roundError?: number;
};

export type M100ReaderOptions = {
  readonly world: TagSource;
  /** Which antenna of the world it listens on. */
  readonly antenna: number;
  readonly seed?: number | string;
  readonly roundMs?: number;
  readonly flaky?: M100Flaws;
};

/** A module on a pseudo-terminal. */
export type M100Reader = {
  /** The device path that a driver opens. */
  readonly path: string;
  readonly stats: () => {
    readonly commands: number;
    readonly polls: number;
    readonly notices: number;
    /** Notices that were neither broken nor cut: a client has to hear them all. */
    readonly wholeNotices: number;
  };
  /** The command bytes heard so far. */
  readonly commands: () => readonly number[];
  readonly powerCentiDbm: () => number;
  /** What it was told of its region (by the module's number) and session. */
  readonly radio: () => { readonly region: number; readonly session: number };
  /** Pulls the cable. */
  readonly unplug: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const defaultRoundMs = 20;
const defaultPowerCentiDbm = 2000;
const powerMaxCentiDbm = 3000;
const noTag = 0x15;
const unknownCommand = 0x17;
const commandsKeptMax = 10_000;

const info: readonly string[] = ["M100 26dBm V1.0", "V2.3.5", "MagicRF"];

class EmulatedModule {
  readonly #options: M100ReaderOptions;
  readonly #flaws: M100Flaws;
  readonly #voice: FlakyVoice;
  #pty: Pty | undefined;
  #heard: Buffer = Buffer.alloc(0);
  #round: NodeJS.Timeout | undefined;
  #roundsLeft = 0;
  readonly commands: number[] = [];
  powerCentiDbm = defaultPowerCentiDbm;
  region = 3;
  session = 0;
  polls = 0;
  notices = 0;
  wholeNotices = 0;

  constructor(options: M100ReaderOptions) {
    this.#options = options;
    this.#flaws = options.flaky ?? {};
    this.#voice = flakyVoice(this.#flaws, seededRandom(options.seed ?? 1), (bytes) =>
      this.#pty?.write(bytes),
    );
  }

  attach(pty: Pty): void {
    this.#pty = pty;
  }

  detach(): void {
    this.#stopPolling();
    this.#pty = undefined;
  }

  hear(bytes: Buffer): void {
    const { commands, rest } = takeCommands(Buffer.concat([this.#heard, bytes]));
    this.#heard = rest;
    for (const one of commands) {
      if (this.commands.length < commandsKeptMax) this.commands.push(one.command);
      if (this.#flaws.silent !== true) this.#obey(one);
    }
  }

  #obey({ command, parameters }: M100Command): void {
    const refusal = this.#flaws.refuses?.[command];
    if (refusal !== undefined) return this.#write([m100Frame(1, 0xff, [refusal])]);
    switch (command) {
      case 0x03:
        return this.#tellInfo(parameters[0] ?? 0);
      case 0x22:
        return this.#write(this.#oneRound());
      case 0x27:
        return this.#startPolling(parameters.length >= 3 ? parameters.readUInt16BE(1) : 0);
      case 0x28:
        this.#stopPolling();
        return this.#write([m100Frame(1, 0x28, [0])]);
      case 0xb6:
        return this.#setPower(parameters.length >= 2 ? parameters.readUInt16BE(0) : 0);
      case 0xb7:
        return this.#write([m100Frame(1, 0xb7, [this.powerCentiDbm >> 8, this.powerCentiDbm & 255])]);
      case 0x07:
        this.region = parameters[0] ?? 0;
        return this.#write([m100Frame(1, 0x07, [0])]);
      case 0x08:
        return this.#write([m100Frame(1, 0x08, [this.region])]);
      case 0x0e:
        this.session = (parameters[0] ?? 0) & 3;
        return this.#write([m100Frame(1, 0x0e, [0])]);
      default:
        return this.#write([m100Frame(1, 0xff, [unknownCommand])]);
    }
  }

  #tellInfo(kind: number): void {
    const text = info[kind];
    this.#write([
      text === undefined
        ? m100Frame(1, 0xff, [unknownCommand])
        : m100Frame(1, 3, [kind, ...Buffer.from(text)]),
    ]);
  }

  #setPower(centiDbm: number): void {
    const isPossible = centiDbm <= powerMaxCentiDbm;
    if (isPossible) this.powerCentiDbm = centiDbm;
    this.#write([isPossible ? m100Frame(1, 0xb6, [0]) : m100Frame(1, 0xff, [unknownCommand])]);
  }

  #startPolling(rounds: number): void {
    this.polls += 1;
    clearTimeout(this.#round);
    this.#roundsLeft = Math.min(rounds, this.#flaws.roundsMax ?? rounds);
    this.#nextRound();
  }

  #stopPolling(): void {
    clearTimeout(this.#round);
    this.#roundsLeft = 0;
  }

  #nextRound(): void {
    if (this.#roundsLeft === 0) return;
    this.#roundsLeft -= 1;
    this.#write(this.#oneRound());
    this.#round = setTimeout(() => this.#nextRound(), this.#options.roundMs ?? defaultRoundMs);
  }

  #oneRound(): Buffer[] {
    const { roundError, quietWhenEmpty } = this.#flaws;
    if (roundError !== undefined) return [m100Frame(1, 0xff, [roundError])];
    const tags = this.#options.world.sees(this.#options.antenna, Date.now());
    if (tags.length === 0) return quietWhenEmpty === true ? [] : [m100Frame(1, 0xff, [noTag])];
    this.notices += tags.length;
    return tags.map(({ epc, rssiDbm }) => this.#spoilt(tagNotice(epc, rssiDbm)));
  }

  #spoilt(frame: Buffer): Buffer {
    const spoilt = this.#voice.spoilt(frame);
    if (spoilt === undefined) this.wholeNotices += 1;
    return spoilt ?? frame;
  }

  #write(frames: readonly Buffer[]): void {
    this.#voice.say(frames);
  }
}

/** Starts a MagicRF M100 module on a real pseudo-terminal: a serial peer for the driver, the demo and the training room. */
export const startM100Reader = async (options: M100ReaderOptions): Promise<M100Reader> => {
  const module = new EmulatedModule(options);
  const pty = await openPty((bytes) => module.hear(bytes));
  module.attach(pty);
  const stop = async (): Promise<void> => {
    module.detach();
    await pty.close();
  };
  return {
    path: pty.path,
    stats: () => ({
      commands: module.commands.length,
      polls: module.polls,
      notices: module.notices,
      wholeNotices: module.wholeNotices,
    }),
    commands: () => [...module.commands],
    powerCentiDbm: () => module.powerCentiDbm,
    radio: () => ({ region: module.region, session: module.session }),
    unplug: stop,
    stop,
  };
};
