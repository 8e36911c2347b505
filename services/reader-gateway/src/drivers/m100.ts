import { setImmediate, setTimeout } from "node:timers/promises";
import { Fault } from "@tagwire/messages";
import type { Driver, DriverHost, DriverSettings } from "./driver.ts";
import { firstAnswer } from "./line/first-answer.ts";
import { Line } from "./line/line.ts";
import { orRefused } from "./line/or-refused.ts";
import { serialPort } from "./line/port.ts";
import { errorText, noTagError } from "./m100/errors.ts";
import { commands, encodeFrame, frameTypes, type M100Frame, m100Framing, tagOf } from "./m100/frames.ts";
import { type M100Limits, m100Limits } from "./m100/limits.ts";
import { question } from "./m100/questions.ts";
import { m100Regions } from "./m100/regions.ts";
import { oddTag, tellOddReads } from "./odd-reads.ts";
import { serialAddress } from "./serial-address.ts";
import { untilAborted } from "./until-aborted.ts";

const defaultBaudRate = 115_200;

/** As many rounds as the command can carry; it is given again when they are over. */
const rounds = [0x22, 0xff, 0xff];
const infoKinds = { hardware: 0, software: 1 } as const;

/** Delivers what a module says. The module tells no time and has one antenna. */
const deliver = (host: DriverHost, antenna: number): ((frame: M100Frame, bytes: Uint8Array) => void) => {
  const toldErrors = new Set<number>();
  const tellOdd = tellOddReads(host);
  return (frame, bytes) => {
    if (frame.type === frameTypes.notice && frame.command === commands.singlePoll) {
      const tag = tagOf(frame);
      if ("no" in tag) {
        host.malformed(tag.no, Uint8Array.from(frame.parameters));
        return;
      }
      const odd = oddTag(tag.epc);
      if (odd !== undefined) tellOdd(odd, 1);
      host.frame([{ ...tag, antenna, count: 1, heardAtMs: Date.now() }], bytes);
      return;
    }
    host.frame([], bytes);
    const code = frame.command === commands.error ? frame.parameters[0] : undefined;
    // An error that stays comes with every round; it is told once per connection.
    if (code === undefined || code === noTagError || toldErrors.has(code)) return;
    toldErrors.add(code);
    const id = code.toString(16).toUpperCase().padStart(2, "0");
    host.notice({ kind: "warning", code: `m100_${id}`, message: errorText(code) });
  };
};

/** Runs a command that a clone may not know. What it says instead is a notice already; that it says something is enough. */
const tolerantly = async (
  line: Line<M100Frame>,
  asked: Promise<M100Frame>,
): Promise<M100Frame | undefined> => {
  try {
    return await asked;
  } catch (fault) {
    if (line.hasEnded || !(fault instanceof Fault) || fault.code !== "reader.error") throw fault;
    return undefined;
  }
};

const askInfo = async (line: Line<M100Frame>, kind: number): Promise<string | undefined> => {
  const answer = await tolerantly(line, line.ask(question(commands.moduleInfo, [kind])));
  // The first byte repeats which kind of information it is.
  return answer?.parameters.subarray(1).toString("latin1").trim();
};

const setPower = async (line: Line<M100Frame>, powerDbm: number): Promise<void> => {
  const centiDbm = Math.round(powerDbm * 100);
  if (centiDbm < 0 || centiDbm > 0xffff) throw new Fault("reader.settings", `${powerDbm} dBm cannot be set`);
  await orRefused(
    line,
    { what: `${powerDbm} dBm`, code: "reader.settings" },
    line.ask(question(commands.setPower, [centiDbm >> 8, centiDbm & 0xff])),
  );
};

/** No select, target A and a Q of 4, as the documents write it and the module has it by itself; only the session is ours. */
const query = (session: number): number[] => [0x10 | session, 0x20];

const setRadio = async (line: Line<M100Frame>, { region, session }: DriverSettings): Promise<void> => {
  if (region !== undefined) {
    const code = m100Regions[region];
    if (code === undefined) throw new Fault("reader.region", `${region} is no region of this family`);
    await orRefused(
      line,
      { what: `region ${region}`, code: "reader.region" },
      line.ask(question(commands.setRegion, [code])),
    );
  }
  if (session !== undefined)
    await orRefused(
      line,
      { what: `session ${session}`, code: "reader.settings" },
      line.ask(question(commands.setQuery, query(session))),
    );
};

const configure = async (
  line: Line<M100Frame>,
  settings: DriverSettings,
  host: DriverHost,
): Promise<void> => {
  if (settings.antennas.length > 1) throw new Fault("reader.settings", "an M100 module has one antenna");
  // A predecessor may have left a poll running.
  line.send(encodeFrame(commands.stop));
  const model = await firstAnswer(line, () => askInfo(line, infoKinds.hardware));
  const firmware = await askInfo(line, infoKinds.software);
  if (model !== undefined) host.notice({ kind: "identified", model, firmware: firmware ?? "", antennas: 1 });
  await setRadio(line, settings);
  const powerDbm = settings.antennas[0]?.powerDbm;
  if (powerDbm !== undefined) await setPower(line, powerDbm);
};

/** Resolves when nothing has come for so long, counted from now on, or when there is nothing left to wait for. */
const roundsOver = async (line: Line<M100Frame>, silentMs: number, signal: AbortSignal): Promise<void> => {
  const sinceMs = performance.now();
  let leftMs = silentMs;
  while (leftMs > 0 && !line.hasEnded && !signal.aborted) {
    await setTimeout(leftMs);
    // When this process itself was held up, what has arrived meanwhile is read first.
    await setImmediate();
    leftMs = Math.max(sinceMs, line.lastFrameMs) + silentMs - performance.now();
  }
};

/** Polls for ever. Silence means that the rounds are over or that the module is gone: an answered stop tells which. */
const poll = async (line: Line<M100Frame>, limits: M100Limits, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted && !line.hasEnded) {
    line.send(encodeFrame(commands.multiPoll, rounds));
    await roundsOver(line, limits.roundsOverMs, signal);
    if (!signal.aborted && !line.hasEnded) await tolerantly(line, line.ask(question(commands.stop)));
  }
};

/** Makes an M100 driver with bounds of its own. */
export const createM100Driver =
  (limits: M100Limits = m100Limits): Driver =>
  async (settings, host, signal) => {
    if (signal.aborted) return;
    const address = serialAddress(settings.address, defaultBaudRate);
    const antenna = settings.antennas[0]?.port ?? 1;
    host.phase("connecting");
    const line = await Line.openUnlessAborted(
      serialPort(address),
      {
        framing: m100Framing,
        limits,
        malformed: host.malformed,
        frame: deliver(host, antenna),
      },
      signal,
    );
    if (line === undefined) return;
    const work = async (): Promise<void> => {
      host.phase("configuring");
      await configure(line, settings, host);
      host.phase("inventory");
      await poll(line, limits, signal);
    };
    try {
      await untilAborted(Promise.race([work(), line.ended]), signal);
      if (!line.hasEnded) await line.ask(question(commands.stop));
    } catch (fault) {
      if (!signal.aborted) throw fault;
    } finally {
      await line.close();
    }
  };

/** MagicRF M100, YRM100, R200, JRD-4035 and their kin, over a serial line. `address` is a device path with optional `?baud=`. */
export const m100Driver: Driver = createM100Driver();
