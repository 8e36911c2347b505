import {
  type EmbeddedRead,
  embeddedReadOf,
  type MercuryCommand,
  mercuryFrame,
  type SaidTag,
  tagRecord,
  takeCommands,
  temperatureRecord,
} from "./mercury/protocol.ts";
import { seededRandom } from "./random.ts";
import { type CableFlaws, type FlakyVoice, flakyVoice } from "./serial/flaky-voice.ts";
import { openPty, type Pty } from "./serial/pty.ts";
import type { TagSource } from "./tag-source.ts";

/** How a module and its cable lie; drawn from the seed. */
export type MercuryFlaws = CableFlaws & {
  /** Never says anything. */
  readonly silent?: boolean;
  /** Answers these opcodes with this status. */
  readonly refuses?: Readonly<Record<number, number>>;
  /** Waits in its bootloader until it is told to boot. */
  readonly inBootloader?: boolean;
  /** Says this status in every keep-alive. */
  readonly status?: number;
  /** Is too hot whenever it sends with more than this, in hundredths of a dBm. */
  readonly hotAboveCentiDbm?: number;
  /** Falls silent after so many keep-alives, and reads again only when it is told. */
  readonly stopsAfterBeats?: number;
  /** Cannot tell where antennas are, as the small modules. */
  readonly cannotDetect?: boolean;
  /** Tags announce an XPC word. */
  readonly hasXpc?: boolean;
  /** With an XPC word: tags say that they are of ISO. */
  readonly isIso?: boolean;
};

export type MercuryReaderOptions = {
  readonly world: TagSource;
  /** Ports with an antenna; each listens on the antenna of the world with its number. */
  readonly antennas: readonly number[];
  /** The first byte of the hardware version; an M6e is 0x18. */
  readonly hardware?: number;
  readonly region?: number;
  readonly seed?: number | string;
  readonly roundMs?: number;
  readonly beatMs?: number;
  /** The TID bank of the tag with an EPC, for whoever asks; without one no read of it succeeds. */
  readonly tidOf?: (epc: string) => string | undefined;
  readonly flaky?: MercuryFlaws;
};

/** A module on a pseudo-terminal. */
export type MercuryReader = {
  /** The device path that a driver opens. */
  readonly path: string;
  readonly stats: () => {
    readonly starts: number;
    readonly records: number;
    /** Records that were neither broken nor cut: a client has to hear them all. */
    readonly wholeRecords: number;
  };
  /** The opcodes heard so far. */
  readonly opcodes: () => readonly number[];
  readonly settings: () => MercurySettings;
  /** Pulls the cable. */
  readonly unplug: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type MercurySettings = {
  readonly region: number;
  readonly session: number;
  readonly powerCentiDbm: number;
  /** Power by port where ports differ. */
  readonly portPowers: Readonly<Record<number, number>>;
  readonly ports: readonly number[];
};

const defaultRoundMs = 20;
const defaultBeatMs = 1_000;
const portCount = 4;
const powers = { minCentiDbm: 500, maxCentiDbm: 3150, defaultCentiDbm: 3000 } as const;
const opcodesKeptMax = 10_000;
const unknownOpcode = 0x101;
const powerTooHigh = 0x103;
const powerTooLow = 0x106;
const noRegion = 0x405;
const tooHot = 0x504;
const noTags = 0x400;
const statsFlag = 0x0100;
const ambientCelsius = 41;
const hotCelsius = 86;

const word = (value: number): number[] => [value >> 8, value & 255];

class EmulatedMercury {
  readonly #options: MercuryReaderOptions;
  readonly #flaws: MercuryFlaws;
  readonly #voice: FlakyVoice;
  #pty: Pty | undefined;
  #heard: Buffer = Buffer.alloc(0);
  #round: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;
  #beats = 0;
  #cycleAtMs = 0;
  #mask = 0;
  #saysTemperature = false;
  #embedded: EmbeddedRead | undefined;
  #isBooted: boolean;
  readonly opcodes: number[] = [];
  settings: MercurySettings;
  starts = 0;
  records = 0;
  wholeRecords = 0;

  constructor(options: MercuryReaderOptions) {
    this.#options = options;
    this.#flaws = options.flaky ?? {};
    this.#isBooted = this.#flaws.inBootloader !== true;
    this.#voice = flakyVoice(this.#flaws, seededRandom(options.seed ?? 1), (bytes) =>
      this.#pty?.write(bytes),
    );
    this.settings = {
      region: options.region ?? 8,
      session: 0,
      powerCentiDbm: powers.defaultCentiDbm,
      portPowers: {},
      ports: [1],
    };
  }

  attach(pty: Pty): void {
    this.#pty = pty;
  }

  detach(): void {
    this.#stopReading();
    this.#pty = undefined;
  }

  hear(bytes: Buffer): void {
    const { commands, rest } = takeCommands(Buffer.concat([this.#heard, bytes]));
    this.#heard = rest;
    for (const one of commands) {
      if (this.opcodes.length < opcodesKeptMax) this.opcodes.push(one.opcode);
      if (this.#flaws.silent !== true) this.#obey(one);
    }
  }

  #answer(opcode: number, data: readonly number[] = [], status = 0): void {
    this.#voice.say([mercuryFrame(opcode, status, data)]);
  }

  #obey({ opcode, data }: MercuryCommand): void {
    const refusal = this.#flaws.refuses?.[opcode];
    if (refusal !== undefined) return this.#answer(opcode, [], refusal);
    if (opcode === 0x03) return this.#tellVersion();
    if (opcode === 0x0c) return this.#answer(opcode, [this.#isBooted ? 0x12 : 0x11]);
    if (opcode === 0x04) {
      this.#isBooted = true;
      return this.#answer(opcode);
    }
    if (!this.#isBooted) return this.#answer(opcode, [], unknownOpcode);
    if (opcode === 0x2f) return this.#readOrStop(data);
    return this.#set(opcode, data);
  }

  #tellVersion(): void {
    const bootloader = [0x12, 0x12, 0x13, 0x00];
    const hardware = [this.#options.hardware ?? 0x18, 0, 0, 1];
    const built = [0x20, 0x21, 0x03, 0x15];
    const firmware = [0x01, 0x21, 0x01, 0x07];
    this.#answer(0x03, [...bootloader, ...hardware, ...built, ...firmware, 0, 0, 0, 0x10]);
  }

  #set(opcode: number, data: Buffer): void {
    const { region, powerCentiDbm } = this.settings;
    switch (opcode) {
      case 0x61:
        return this.#answer(opcode, [5, ...this.#detected()]);
      case 0x62:
        return this.#answer(opcode, [
          1,
          ...word(powerCentiDbm),
          ...word(powers.maxCentiDbm),
          ...word(powers.minCentiDbm),
        ]);
      case 0x67:
        return this.#answer(opcode, [region]);
      case 0x72:
        return this.#answer(opcode, [this.#celsius()]);
      case 0x91:
        return this.#setAntennas(data);
      case 0x92:
        return this.#setPower(opcode, data.readUInt16BE(0));
      case 0x93:
      case 0x9a:
        return this.#answer(opcode);
      case 0x97:
        this.settings = { ...this.settings, region: data[0] ?? 0 };
        return this.#answer(opcode);
      case 0x9b:
        this.settings = { ...this.settings, session: data[2] ?? 0 };
        return this.#answer(opcode);
      default:
        return this.#answer(opcode, [], unknownOpcode);
    }
  }

  #detected(): number[] {
    const isThere = (port: number) =>
      this.#flaws.cannotDetect !== true && this.#options.antennas.includes(port);
    return Array.from({ length: portCount }, (_, at) => [at + 1, isThere(at + 1) ? 1 : 0]).flat();
  }

  #setAntennas(data: Buffer): void {
    if (data[0] === 2) {
      const ports = [...data.subarray(1)].filter((_, at) => at % 2 === 0);
      this.settings = { ...this.settings, ports };
    }
    if (data[0] === 3) {
      const portPowers: Record<number, number> = {};
      for (let at = 1; at + 5 <= data.length; at += 5)
        portPowers[data.readUInt8(at)] = data.readUInt16BE(at + 1);
      this.settings = { ...this.settings, portPowers };
    }
    this.#answer(0x91);
  }

  #setPower(opcode: number, centiDbm: number): void {
    if (centiDbm > powers.maxCentiDbm) return this.#answer(opcode, [], powerTooHigh);
    if (centiDbm < powers.minCentiDbm) return this.#answer(opcode, [], powerTooLow);
    this.settings = { ...this.settings, powerCentiDbm: centiDbm, portPowers: {} };
    this.#answer(opcode);
  }

  #readOrStop(data: Buffer): void {
    if (data[2] === 2) {
      this.#stopReading();
      return this.#answer(0x2f, [2]);
    }
    if (this.settings.region === 0) return this.#answer(0x2f, [], noRegion);
    this.starts += 1;
    this.#mask = data.length >= 16 ? data.readUInt16BE(14) : 0;
    this.#saysTemperature = data.length >= 12 && (data.readUInt16BE(10) & statsFlag) !== 0;
    this.#embedded = embeddedReadOf(data);
    this.#beats = 0;
    this.#answer(0x2f, [1, 0x22]);
    this.#stopReading();
    this.#cycleAtMs = Date.now();
    this.#nextRound();
    this.#nextBeat();
  }

  #stopReading(): void {
    clearTimeout(this.#round);
    clearTimeout(this.#beat);
  }

  #celsius(): number {
    return this.#isHot() ? hotCelsius : ambientCelsius;
  }

  #isHot(): boolean {
    return this.settings.powerCentiDbm > (this.#flaws.hotAboveCentiDbm ?? Number.POSITIVE_INFINITY);
  }

  #nextRound(): void {
    const now = Date.now();
    const seen = this.settings.ports
      .filter((port) => this.#options.antennas.includes(port))
      .flatMap((antenna) => this.#options.world.sees(antenna, now).map((tag) => ({ ...tag, antenna })));
    const frames = seen.map(({ epc, rssiDbm, antenna }) => {
      const said = {
        memory: this.#embedded === undefined ? "not asked" : this.#read(this.#embedded, epc),
        epc,
        rssiDbm,
        antenna,
        cycleMs: now - this.#cycleAtMs,
        hasXpc: this.#flaws.hasXpc === true,
        isIso: this.#flaws.isIso === true,
      };
      return this.#spoilt(tagRecord(said, this.#mask));
    });
    this.records += frames.length;
    this.#voice.say(frames);
    this.#round = setTimeout(() => this.#nextRound(), this.#options.roundMs ?? defaultRoundMs);
  }

  /** As a tag answers: all the words that were asked for, or none. */
  #read({ bank, address, words }: EmbeddedRead, epc: string): SaidTag["memory"] {
    const tid = bank === 2 ? this.#options.tidOf?.(epc) : undefined;
    const read = tid?.slice(address * 4, (address + words) * 4) ?? "";
    return words > 0 && read.length === words * 4 ? { hex: read } : "failed";
  }

  #nextBeat(): void {
    this.#beats += 1;
    if (this.#beats > (this.#flaws.stopsAfterBeats ?? Number.POSITIVE_INFINITY)) return this.#stopReading();
    const status = this.#flaws.status ?? (this.#isHot() ? tooHot : noTags);
    this.#cycleAtMs = Date.now();
    const alive = mercuryFrame(0x22, status);
    this.#voice.say(this.#saysTemperature ? [temperatureRecord(this.#celsius()), alive] : [alive]);
    this.#beat = setTimeout(() => this.#nextBeat(), this.#options.beatMs ?? defaultBeatMs);
  }

  #spoilt(frame: Buffer): Buffer {
    const spoilt = this.#voice.spoilt(frame);
    if (spoilt === undefined) this.wholeRecords += 1;
    return spoilt ?? frame;
  }
}

/** Starts a ThingMagic module on a real pseudo-terminal: a serial peer for the driver and the training room. */
export const startMercuryReader = async (options: MercuryReaderOptions): Promise<MercuryReader> => {
  const module = new EmulatedMercury(options);
  const pty = await openPty((bytes) => module.hear(bytes));
  module.attach(pty);
  const stop = async (): Promise<void> => {
    module.detach();
    await pty.close();
  };
  return {
    path: pty.path,
    stats: () => ({ starts: module.starts, records: module.records, wholeRecords: module.wholeRecords }),
    opcodes: () => [...module.opcodes],
    settings: () => module.settings,
    unplug: stop,
    stop,
  };
};
