import { seededRandom } from "./random.ts";
import { type CableFlaws, type FlakyVoice, flakyVoice } from "./serial/flaky-voice.ts";
import { type Plug, type PlugKind, plugIn } from "./serial/plug.ts";
import type { SeenTag, TagSource } from "./tag-source.ts";
import { entry18, entry288, takeCommands, type UhfCommand, uhfFrame } from "./uhf/protocol.ts";

/** How a reader and its cable lie; drawn from the seed. */
export type UhfFlaws = CableFlaws & {
  /** Never says anything. */
  readonly silent?: boolean;
  /** Answers these commands with this status. */
  readonly refuses?: Readonly<Record<number, number>>;
  /** Never says that a round is over: every frame promises more. */
  readonly neverDone?: boolean;
  /** Was left in its active mode and pushes tags unasked. */
  readonly active?: boolean;
  /** Cannot be taken out of its active mode. */
  readonly staysActive?: boolean;
  /** Takes no round in which tags are asked for their TID. */
  readonly refusesFastId?: boolean;
  /** Tells statistics after each round, which nobody asked for. */
  readonly statistics?: boolean;
};

export type UhfReaderOptions = {
  readonly family: 18 | 288;
  readonly plug?: PlugKind;
  readonly world: TagSource;
  /** Ports with an antenna; each listens on the antenna of the world with its number. */
  readonly antennas: readonly number[];
  /** What FastID brings for an EPC. */
  readonly tidOf?: (epc: string) => string | undefined;
  readonly seed?: number | string;
  readonly roundMs?: number;
  readonly flaky?: UhfFlaws;
};

export type UhfReader = {
  /** What a driver opens. */
  readonly address: string;
  readonly stats: () => {
    readonly rounds: number;
    readonly tags: number;
    /** Tags in frames that were neither broken nor cut: a client has to hear them all. */
    readonly wholeTags: number;
  };
  readonly commands: () => readonly number[];
  readonly settings: () => UhfSettings;
  /** Pulls the cable. */
  readonly unplug: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type UhfSettings = {
  readonly powerDbm: number;
  readonly channels: readonly number[];
  readonly session: number | undefined;
  readonly isActive: boolean;
};

const defaultRoundMs = 20;
const pushMs = 20;
const tagsPerFrame = 3;
const commandsKeptMax = 10_000;
const powerDbmMax = 30;
const badCommand = 0xfe;
/** Bit of the Q byte that asks tags for their TID. */
const fastId = 0x20;
const badParameter = 0xff;
const antennaFault = 0xf8;

class EmulatedUhf {
  readonly #options: UhfReaderOptions;
  readonly #flaws: UhfFlaws;
  readonly #voice: FlakyVoice;
  #plug: Plug | undefined;
  #heard: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  /** Whether the round that runs asks tags for their TID. */
  #asksTid = false;
  #push: NodeJS.Timeout | undefined;
  readonly commands: number[] = [];
  settings: UhfSettings;
  rounds = 0;
  tags = 0;
  wholeTags = 0;

  constructor(options: UhfReaderOptions) {
    this.#options = options;
    this.#flaws = options.flaky ?? {};
    this.#voice = flakyVoice(this.#flaws, seededRandom(options.seed ?? 1), (bytes) =>
      this.#plug?.write(bytes),
    );
    const isActive = this.#flaws.active === true || this.#flaws.staysActive === true;
    this.settings = { powerDbm: powerDbmMax, channels: [0x4e, 0], session: undefined, isActive };
  }

  attach(plug: Plug): void {
    this.#plug = plug;
    if (this.settings.isActive) this.#pushOne();
  }

  detach(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#push);
    this.#plug = undefined;
  }

  hear(bytes: Buffer): void {
    const { commands, rest } = takeCommands(Buffer.concat([this.#heard, bytes]));
    this.#heard = rest;
    for (const one of commands) {
      if (this.commands.length < commandsKeptMax) this.commands.push(one.command);
      if (this.#flaws.silent !== true) this.#obey(one);
    }
  }

  #answer(command: number, data: readonly number[] = [], status = 0): void {
    this.#voice.say([uhfFrame(command, status, data)]);
  }

  #obey({ command, data }: UhfCommand): void {
    const refusal = this.#flaws.refuses?.[command];
    if (refusal !== undefined) return this.#answer(command, [], refusal);
    const { family } = this.#options;
    switch (command) {
      case 0x01:
        return this.#startRound(data);
      case 0x21: {
        const type = family === 18 ? 0x09 : 0x0c;
        return this.#answer(command, [
          3,
          22,
          type,
          3,
          ...this.settings.channels,
          this.settings.powerDbm,
          10,
          1,
          0,
          0,
          0,
        ]);
      }
      case 0x22:
        this.settings = { ...this.settings, channels: [...data] };
        return this.#answer(command);
      case 0x25:
        return this.#answer(command);
      case 0x2f:
        if ((data[0] ?? 255) > powerDbmMax) return this.#answer(command, [], badParameter);
        this.settings = { ...this.settings, powerDbm: data[0] ?? 0 };
        return this.#answer(command);
      case family === 18 ? 0x35 : 0x76:
        this.settings = { ...this.settings, isActive: this.#flaws.staysActive === true };
        return this.#answer(command);
      default:
        return this.#answer(command, [], badCommand);
    }
  }

  #startRound(data: Buffer): void {
    if (this.settings.isActive) return;
    clearTimeout(this.#timer);
    const { family, antennas } = this.#options;
    this.#asksTid = family === 288 && ((data[0] ?? 0) & fastId) !== 0;
    if (this.#asksTid && this.#flaws.refusesFastId === true) return this.#answer(0x01, [], badParameter);
    const antenna = family === 18 ? 1 : (data[7] ?? 0x80) - 0x7f;
    if (family === 288) this.settings = { ...this.settings, session: data[1] };
    this.#timer = setTimeout(() => {
      this.rounds += 1;
      if (!antennas.includes(antenna)) return this.#answer(0x01, [], antennaFault);
      this.#tellRound(antenna);
    }, this.#options.roundMs ?? defaultRoundMs);
  }

  #entry(tag: SeenTag): number[] {
    const tid = this.#asksTid ? this.#options.tidOf?.(tag.epc) : undefined;
    const said = { epc: tag.epc, rssi: (tag.rssiDbm + 200) & 255, ...(tid === undefined ? {} : { tid }) };
    return this.#options.family === 18 ? entry18(said) : entry288(said);
  }

  #tellRound(antenna: number): void {
    const tags = this.#options.world.sees(antenna, Date.now());
    const frames: Buffer[] = [];
    for (let at = 0; at < tags.length; at += tagsPerFrame) {
      const some = tags.slice(at, at + tagsPerFrame);
      const head = this.#options.family === 18 ? [some.length] : [1 << (antenna - 1), some.length];
      const frame = uhfFrame(0x01, 3, [...head, ...some.flatMap((tag) => this.#entry(tag))]);
      const spoilt = this.#voice.spoilt(frame);
      this.tags += some.length;
      if (spoilt === undefined) this.wholeTags += some.length;
      frames.push(spoilt ?? frame);
    }
    if (this.#flaws.statistics === true) frames.push(uhfFrame(0x01, 0x26, [1, 0, 40, 0, 0, 0, tags.length]));
    if (this.#flaws.neverDone !== true) frames.push(this.#end(tags.length));
    this.#voice.say(frames);
  }

  #end(count: number): Buffer {
    if (this.#options.family === 18) return uhfFrame(0x01, count === 0 ? 0xfb : 1, count === 0 ? [] : [0]);
    return uhfFrame(0x01, 1, [1, 0]);
  }

  #pushOne(): void {
    if (!this.settings.isActive) return;
    for (const antenna of this.#options.antennas)
      for (const tag of this.#options.world.sees(antenna, Date.now()))
        this.#answer(0xee, [1 << (antenna - 1), ...entry288({ epc: tag.epc, rssi: 60 })]);
    this.#answer(0xee, [], 0x28);
    this.#push = setTimeout(() => this.#pushOne(), pushMs);
  }
}

/** Starts a UHFReader18 or 288 at a real pseudo-terminal or socket. */
export const startUhfReader = async (options: UhfReaderOptions): Promise<UhfReader> => {
  const reader = new EmulatedUhf(options);
  const plug = await plugIn(options.plug ?? "serial", (bytes) => reader.hear(bytes));
  reader.attach(plug);
  const stop = async (): Promise<void> => {
    reader.detach();
    await plug.close();
  };
  return {
    address: plug.address,
    stats: () => ({ rounds: reader.rounds, tags: reader.tags, wholeTags: reader.wholeTags }),
    commands: () => [...reader.commands],
    settings: () => reader.settings,
    unplug: stop,
    stop,
  };
};
