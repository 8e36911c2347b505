import { setTimeout } from "node:timers/promises";
import { Fault } from "@tagwire/messages";
import { type Completed, TslTags, tslLine } from "@tagwire/reader-lines";
import type { Driver, DriverHost } from "./driver.ts";
import { Line, type LineHost } from "./line/line.ts";
import { lineAt } from "./line-address.ts";
import { oddTag, tellOddReads } from "./odd-reads.ts";
import { tslLines } from "./tsl/framing.ts";
import { type TslLimits, tslLimits } from "./tsl/limits.ts";
import { question } from "./tsl/questions.ts";
import { askValues, setUp } from "./tsl/setup.ts";
import { untilAborted } from "./until-aborted.ts";

export const tslDefaults = { baudRate: 115_200 } as const;

/** Delivers tags, of our rounds and of the trigger alike. The reader's own time is not asked for. */
export const tslListener = (
  host: DriverHost,
  antenna: number,
): Pick<LineHost<string>, "frame" | "malformed"> => {
  const tags = new TslTags();
  const tellOdd = tellOddReads(host);
  const tell = (whole: Completed, bytes: Uint8Array): void => {
    if (whole === undefined) return host.frame([], bytes);
    if ("no" in whole) return host.malformed(whole.no, bytes);
    const odd = oddTag(whole.epc);
    if (odd !== undefined) tellOdd(odd, 1);
    const { epc, rssiDbm, tid, isIso } = whole;
    const read = { epc, rssiDbm, antenna, count: 1, heardAtMs: Date.now() };
    const more = { ...(tid === undefined ? {} : { tid }), ...(isIso === undefined ? {} : { isIso }) };
    host.frame([{ ...read, ...more }], bytes);
  };
  return {
    frame: (text, bytes) => {
      const line = tslLine(text);
      tell(line === undefined ? undefined : tags.take(line), bytes);
    },
    malformed: (reason, bytes) => {
      host.malformed(reason, bytes);
      const whole = tags.cut();
      if (whole !== undefined) tell(whole, new Uint8Array());
    },
  };
};

type Reading = {
  readonly line: Line<string>;
  readonly host: DriverHost;
  readonly limits: TslLimits;
  readonly signal: AbortSignal;
};

const watchBattery = async ({ line, host, limits }: Reading): Promise<void> => {
  try {
    const percent = Number.parseInt((await askValues(line, ".bl")).get("BP") ?? "", 10);
    if (!(percent < limits.batteryLowPercent)) return;
    const message = `the battery is down to ${percent} %: put the reader on its charger`;
    host.notice({ kind: "warning", code: "tsl_battery", message });
  } catch (fault) {
    // One that runs off the mains does not know the command.
    if (line.hasEnded || !(fault instanceof Fault) || fault.code !== "reader.error") throw fault;
  }
};

/** Reads round after round. A round that stays without an end means that the reader is gone. */
const read = async (reading: Reading): Promise<void> => {
  const { line, limits, signal } = reading;
  let batteryAtMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted && !line.hasEnded) {
    if (performance.now() - batteryAtMs >= limits.batteryEveryMs) {
      await watchBattery(reading);
      batteryAtMs = performance.now();
    }
    const begunMs = performance.now();
    await line.ask({ ...question(".iv"), answerTimeoutMs: limits.roundTimeoutMs });
    await setTimeout(Math.max(0, begunMs + limits.roundEveryMs - performance.now()));
  }
};

/** Makes a TSL driver with bounds of its own. */
export const createTslDriver =
  (limits: TslLimits = tslLimits): Driver =>
  async (settings, host, signal) => {
    if (signal.aborted) return;
    const openPort = lineAt(settings.address, tslDefaults);
    host.phase("connecting");
    const line = await Line.openUnlessAborted(
      openPort,
      {
        framing: tslLines,
        limits,
        ...tslListener(host, settings.antennas[0]?.port ?? 1),
      },
      signal,
    );
    if (line === undefined) return;
    const work = async (): Promise<void> => {
      host.phase("configuring");
      await setUp(line, settings, host);
      host.phase("inventory");
      await read({ line, host, limits, signal });
    };
    try {
      await untilAborted(Promise.race([work(), line.ended]), signal);
      if (!line.hasEnded) await line.ask({ ...question(".ab"), answerTimeoutMs: limits.farewellMs });
    } catch (fault) {
      if (!signal.aborted) throw fault;
    } finally {
      await line.close();
    }
  };

/** TSL readers that speak ASCII 2 (1128, 1153, 1166, 2128, 2173), by cable or paired over Bluetooth. Serial, or `host:port` of a serial server. */
export const tslDriver: Driver = createTslDriver();
