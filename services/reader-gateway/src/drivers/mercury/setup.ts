import { Fault } from "@tagwire/messages";
import type { DriverHost, DriverSettings } from "../driver.ts";
import { firstAnswer } from "../line/first-answer.ts";
import type { Line } from "../line/line.ts";
import { orRefused } from "../line/or-refused.ts";
import { type MercuryFrame, opcodes } from "./frames.ts";
import type { MercuryLimits } from "./limits.ts";
import { type Powers, powerCommands } from "./power.ts";
import { question } from "./questions.ts";
import { stopReading } from "./reading.ts";
import { mercuryRegions } from "./regions.ts";

type MercuryLine = Line<MercuryFrame>;

/** What a driver knows of a module once it is set. */
export type Module = {
  readonly model: string;
  readonly firmware: string;
  /** An amplifier that nothing protects breaks when it sends without an antenna. */
  readonly isUnprotected: boolean;
  readonly powers: Powers;
};

/** By the first byte of the hardware version. Source: serial_reader_imp.h of MercuryAPI 1.37. */
const models: ReadonlyMap<number, string> = new Map([
  [0x00, "M5e"],
  [0x01, "M5e-Compact"],
  [0x02, "M5e-I"],
  [0x03, "M4e"],
  [0x18, "M6e"],
  [0x19, "M6e-I"],
  [0x20, "M6e Micro"],
  [0x30, "M6e Nano"],
  [0x38, "M7e"],
]);
const lastUnprotected = 0x03;
const versionLength = 16;
const inBootloader = 1;
const gen2 = [0, 5];

/** Runs a command that a module may not know. That it says something is enough. */
export const tolerantly = async <Said>(
  line: MercuryLine,
  asked: Promise<Said>,
): Promise<Said | undefined> => {
  try {
    return await asked;
  } catch (fault) {
    const isRefusal = fault instanceof Fault && ["reader.error", "reader.settings"].includes(fault.code);
    if (line.hasEnded || !isRefusal) throw fault;
    return undefined;
  }
};

const askVersion = (line: MercuryLine): Promise<MercuryFrame> =>
  line.ask(question({ name: "version", opcode: opcodes.version }));

/** A module that was just plugged in, or failed, waits in its bootloader. */
const leaveBootloader = async (line: MercuryLine, bootMs: number): Promise<void> => {
  const program = await tolerantly(
    line,
    line.ask(question({ name: "current program", opcode: opcodes.currentProgram })),
  );
  if (((program?.data[0] ?? 0) & 3) !== inBootloader) return;
  await line.ask({ ...question({ name: "boot", opcode: opcodes.bootFirmware }), answerTimeoutMs: bootMs });
};

const dotted = (bytes: Buffer): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(".");

const identify = ({ data }: MercuryFrame): Pick<Module, "model" | "firmware" | "isUnprotected"> => {
  if (data.length < versionLength) throw new Fault("reader.garbled", "the version is too short");
  const hardware = data[4] as number;
  return {
    model: models.get(hardware) ?? `ThingMagic ${dotted(data.subarray(4, 8))}`,
    // Build date and version are binary-coded decimals.
    firmware: `${dotted(data.subarray(12, 16))} (${data.toString("hex", 8, 10)}-${data.toString("hex", 10, 11)}-${data.toString("hex", 11, 12)})`,
    isUnprotected: hardware <= lastUnprotected,
  };
};

const setRegion = async (line: MercuryLine, { region }: DriverSettings): Promise<void> => {
  if (region !== undefined) {
    const code = mercuryRegions[region];
    if (code === undefined) throw new Fault("reader.region", `${region} is no region of this family`);
    await orRefused(
      line,
      { what: `region ${region}`, code: "reader.region" },
      line.ask(question({ name: "region", opcode: opcodes.setRegion, data: [code] })),
    );
    return;
  }
  const { data } = await line.ask(question({ name: "region", opcode: opcodes.getRegion }));
  if ((data[0] ?? 0) === 0) throw new Fault("reader.region", "the module has none yet");
};

type Port = { readonly port: number; readonly isConnected: boolean };

const detectOption = 5;

const askPorts = async (line: MercuryLine): Promise<readonly Port[]> => {
  const answer = await tolerantly(
    line,
    line.ask(question({ name: "antennas", opcode: opcodes.getAntennas, data: [detectOption] })),
  );
  const pairs = answer?.data.subarray(1) ?? Buffer.alloc(0);
  return Array.from({ length: pairs.length >> 1 }, (_, at) => ({
    port: pairs[2 * at] as number,
    isConnected: pairs[2 * at + 1] === 1,
  }));
};

/** The ports to read at: those that are set, else those where an antenna is, else the first, since small modules cannot tell. */
const portsToUse = (settings: DriverSettings, ports: readonly Port[]): readonly number[] => {
  const last = Math.max(0, ...ports.map(({ port }) => port));
  const beyond = settings.antennas.find(({ port }) => last > 0 && port > last);
  if (beyond !== undefined)
    throw new Fault("reader.settings", `antenna ${beyond.port}: the module has ${last}`);
  if (settings.antennas.length > 0) return settings.antennas.map(({ port }) => port);
  const connected = ports.filter(({ isConnected }) => isConnected).map(({ port }) => port);
  return connected.length > 0 ? connected : [1];
};

const searchList = 2;

const setAntennas = async (
  line: MercuryLine,
  settings: DriverSettings,
  host: DriverHost,
): Promise<Port[]> => {
  const ports = await askPorts(line);
  const used = portsToUse(settings, ports);
  await line.ask(
    question({
      name: `antennas ${used.join(", ")}`,
      opcode: opcodes.setAntennas,
      data: [searchList, ...used.flatMap((port) => [port, port])],
    }),
  );
  // A module that sees an antenna nowhere is one that cannot look.
  if (ports.some(({ isConnected }) => isConnected))
    for (const { port, isConnected } of ports)
      host.notice({ kind: "antenna", antenna: port, connected: isConnected });
  return [...ports];
};

const withLimits = 1;

/** What the module can send, in hundredths of a dBm, and what it sends now. */
const askPowers = async (line: MercuryLine, settings: DriverSettings): Promise<Powers> => {
  const asked = question({ name: "power", opcode: opcodes.getReadPower, data: [withLimits] });
  const answer = await tolerantly(line, line.ask(asked));
  const data = answer?.data ?? Buffer.alloc(0);
  const limits =
    data.length >= 7 ? { maxCentiDbm: data.readInt16BE(3), minCentiDbm: data.readInt16BE(5) } : undefined;
  return {
    ownCentiDbm: data.length >= 3 ? data.readInt16BE(1) : undefined,
    limits,
    antennas: settings.antennas,
  };
};

/** Gives each antenna its power, less what heat takes away. */
export const setPower = async (line: MercuryLine, powers: Powers, backOffDb: number): Promise<void> => {
  for (const { name, data, opcode } of powerCommands(powers, backOffDb))
    await line.ask(question({ name, opcode, data }));
};

/** How hot the module is, in °C; undefined when it cannot tell. */
export const askTemperature = async (line: MercuryLine): Promise<number | undefined> => {
  const answer = await tolerantly(
    line,
    line.ask(question({ name: "temperature", opcode: opcodes.temperature })),
  );
  return answer?.data.length === 1 ? answer.data.readInt8(0) : undefined;
};

const sessionOption = 0;
const readFilterOption = 0x0c;

/** Finds out who is there and sets everything that a read needs. */
export const setUp = async (
  line: MercuryLine,
  settings: DriverSettings,
  host: DriverHost,
  limits: MercuryLimits,
): Promise<Module> => {
  // A predecessor may have left a read running.
  await stopReading(line).catch((fault: unknown) => {
    if (line.hasEnded) throw fault;
  });
  await firstAnswer(line, () => askVersion(line));
  await leaveBootloader(line, limits.bootMs);
  const identity = identify(await askVersion(line));
  await setRegion(line, settings);
  await line.ask(question({ name: "Gen2", opcode: opcodes.setProtocol, data: gen2 }));
  const ports = await setAntennas(line, settings, host);
  const { model, firmware } = identity;
  host.notice({ kind: "identified", model, firmware, antennas: Math.max(1, ports.length) });
  const powers = await askPowers(line, settings);
  await setPower(line, powers, 0);
  if (settings.session !== undefined) {
    const data = [5, sessionOption, settings.session];
    await orRefused(
      line,
      { what: `session ${settings.session}`, code: "reader.settings" },
      line.ask(question({ name: "Gen2 parameter", opcode: opcodes.setProtocolOption, data })),
    );
  }
  // The filter would tell a tag once and then be quiet about it; smoothing is ours.
  const noFilter = question({
    name: "read filter",
    opcode: opcodes.setReaderOption,
    data: [1, readFilterOption, 0],
  });
  await tolerantly(line, line.ask(noFilter));
  return { ...identity, powers };
};
