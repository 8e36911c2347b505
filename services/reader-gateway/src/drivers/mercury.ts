import { isIsoPc } from "@tagwire/epc";
import type { Driver, DriverHost } from "./driver.ts";
import { Line } from "./line/line.ts";
import { serialPort } from "./line/port.ts";
import type { MercuryFrame } from "./mercury/frames.ts";
import { coolHeat, type Heat, heard as heardHeat } from "./mercury/heat.ts";
import { type MercuryLimits, mercuryLimits } from "./mercury/limits.ts";
import { powerNow } from "./mercury/power.ts";
import { startReading, stopReading } from "./mercury/reading.ts";
import { askTemperature, type Module, setPower, setUp } from "./mercury/setup.ts";
import { status, statusFault, statusName, statusText } from "./mercury/status.ts";
import { heardOf, streamFraming } from "./mercury/stream.ts";
import type { MercuryTag } from "./mercury/tag-record.ts";
import { oddTag, tellOddReads } from "./odd-reads.ts";
import { serialAddress } from "./serial-address.ts";
import { untilAborted } from "./until-aborted.ts";

const defaultBaudRate = 115_200;
const pulseMs = 250;

/** What one connection has heard of its module; `deliver` writes it and the read looks at it. */
type Condition = { heat: Heat; celsius: number | undefined; status: number };

type Told = {
  readonly host: DriverHost;
  readonly condition: Condition;
  readonly limits: MercuryLimits;
  readonly asksTid: boolean;
};

/** Delivers what a module says. Tags count as heard when they come: the module's own time begins anew with every cycle. */
const deliver = ({
  host,
  condition,
  limits,
  asksTid,
}: Told): ((frame: MercuryFrame, bytes: Uint8Array) => void) => {
  const told = new Set<number>();
  const tellOdd = tellOddReads(host);
  const tellTag = (tag: MercuryTag, bytes: Uint8Array): void => {
    const odd = oddTag(tag.epc);
    if (odd !== undefined) tellOdd(odd, tag.count);
    const { epc, rssiDbm, count, embedded, protocolControl } = tag;
    if (asksTid && embedded?.hex === undefined) tellOdd("tid_unread", count);
    const antenna = tag.antenna ?? 1;
    const tid = embedded?.hex === undefined ? {} : { tid: embedded.hex };
    const iso = isIsoPc(protocolControl) ? ({ isIso: true } as const) : {};
    host.frame([{ epc, rssiDbm, count, antenna, heardAtMs: Date.now(), ...tid, ...iso }], bytes);
  };
  const tellStatus = (word: number): void => {
    condition.status = word;
    condition.heat = heardHeat(condition.heat, word === status.hot, performance.now(), limits.heat);
    // What stays comes again every second; it is told once per connection.
    if (word === status.ok || word === status.noTags || told.has(word)) return;
    told.add(word);
    host.notice({ kind: "warning", code: `mercury_${statusName(word)}`, message: statusText(word) });
  };
  return (frame, bytes) => {
    const heard = heardOf(frame);
    if (heard.kind === "unreadable") return host.malformed(heard.no, Uint8Array.from(frame.data));
    if (heard.kind === "tag") return tellTag(heard.tag, bytes);
    host.frame([], bytes);
    if (heard.kind === "temperature") condition.celsius = heard.celsius;
    if (heard.kind === "alive") tellStatus(heard.status);
  };
};

type Reading = Told & {
  readonly line: Line<MercuryFrame>;
  readonly module: Module;
  readonly signal: AbortSignal;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const tellHeat = ({ host, condition, module: { powers } }: Reading, from: number): void => {
  const { backOffDb } = condition.heat;
  const celsius = condition.celsius === undefined ? "" : ` at ${condition.celsius} °C`;
  const isLess = backOffDb > from;
  const now = powerNow(powers, { from, to: backOffDb });
  const why = isLess ? `too hot${celsius}: give it air and shade` : "cooler";
  host.notice({
    kind: "warning",
    code: isLess ? "mercury_hot" : "mercury_cooler",
    message: `${why}; ${now}`,
  });
};

/** Reads until something has to change: true when it was the heat, false when nothing came for too long. */
const untilChange = async (
  { line, condition, limits, module, signal }: Reading,
  backOffDb: number,
): Promise<boolean> => {
  for (;;) {
    await pause(pulseMs);
    if (signal.aborted || line.hasEnded) return false;
    const isBroken = [status.antennaMissing, status.returnLoss].some((word) => word === condition.status);
    if (isBroken && module.isUnprotected) throw statusFault(condition.status, "reading");
    if (condition.heat.backOffDb !== backOffDb) return true;
    // When this process itself was held up, what has arrived meanwhile is read first.
    if (performance.now() - line.lastFrameMs > limits.silentMs) {
      await new Promise((resolve) => setImmediate(resolve));
      if (performance.now() - line.lastFrameMs > limits.silentMs) return false;
    }
  }
};

/** Reads for ever. Silence means that the read has ended or that the module is gone: an answered stop tells which. */
const read = async (reading: Reading): Promise<void> => {
  const { line, module, condition, signal, asksTid } = reading;
  let backOffDb = 0;
  while (!signal.aborted && !line.hasEnded) {
    await startReading(line, asksTid);
    const isHeat = await untilChange(reading, backOffDb);
    if (signal.aborted || line.hasEnded) return;
    await stopReading(line);
    if (!isHeat) continue;
    condition.celsius = (await askTemperature(line)) ?? condition.celsius;
    tellHeat(reading, backOffDb);
    backOffDb = condition.heat.backOffDb;
    await setPower(line, module.powers, backOffDb);
  }
};

/** Makes a Mercury driver with bounds of its own. */
export const createMercuryDriver =
  (limits: MercuryLimits = mercuryLimits): Driver =>
  async (settings, host, signal) => {
    if (signal.aborted) return;
    const address = serialAddress(settings.address, defaultBaudRate);
    host.phase("connecting");
    const condition: Condition = { heat: coolHeat, celsius: undefined, status: status.ok };
    const told = { host, condition, limits, asksTid: settings.asksTid === true };
    const line = await Line.openUnlessAborted(
      serialPort(address),
      {
        framing: streamFraming,
        limits,
        malformed: host.malformed,
        frame: deliver(told),
      },
      signal,
    );
    if (line === undefined) return;
    const work = async (): Promise<void> => {
      host.phase("configuring");
      const module = await setUp(line, settings, host, limits);
      host.phase("inventory");
      await read({ ...told, line, module, signal });
    };
    try {
      await untilAborted(Promise.race([work(), line.ended]), signal);
      if (!line.hasEnded) await stopReading(line);
    } catch (fault) {
      if (!signal.aborted) throw fault;
    } finally {
      await line.close();
    }
  };

/**
 * ThingMagic and JADAK modules that speak Mercury serial (M5e, M6e, Nano, Micro, M7e). `address` is a device path with optional
 * `?baud=`. Region, session, antennas and their powers can be set.
 */
export const mercuryDriver: Driver = createMercuryDriver();
