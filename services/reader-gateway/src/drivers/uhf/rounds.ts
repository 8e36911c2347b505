import { Fault } from "@tagwire/messages";
import type { DriverHost, DriverSettings } from "../driver.ts";
import type { Line } from "../line/line.ts";
import { oddTag, tellOddReads } from "../odd-reads.ts";
import { commands, encodeFrame, type UhfFrame } from "./frames.ts";
import type { UhfLimits } from "./limits.ts";
import { askInfo, type UhfFamily } from "./setup.ts";
import { isOngoing, status, statusName, statusText } from "./status.ts";
import { type Entries, readInventory, readPushed } from "./tag-entries.ts";

/** The round that runs: at which antenna, and what ends the wait for its end. */
export type Round = { antenna: number; over: (word: number) => void };

const noRound = (): void => {};
export const newRound = (): Round => ({ antenna: 1, over: noRound });

const tagStatuses: ReadonlySet<number> = new Set([
  status.ok,
  status.done,
  status.timeIsUp,
  status.moreFollows,
  status.memoryFull,
]);
/** Ends of rounds that nobody has to be told of. */
const quietStatuses: ReadonlySet<number> = new Set([...tagStatuses, status.noTag, status.statistics]);

/** Delivers what a reader says, and tells when its round is over. The reader tells no time, and no strength in dBm. */
export const deliver = (
  host: DriverHost,
  family: UhfFamily,
  round: Round,
): ((frame: UhfFrame, bytes: Uint8Array) => void) => {
  const told = new Set<number>();
  const tellOdd = tellOddReads(host);
  const tellTags = (entries: Entries, data: Buffer, bytes: Uint8Array): void => {
    if ("no" in entries) return host.malformed(entries.no, Uint8Array.from(data));
    const heardAtMs = Date.now();
    for (const { epc } of entries.tags) {
      const odd = oddTag(epc);
      if (odd !== undefined) tellOdd(odd, 1);
    }
    host.frame(
      entries.tags.map(({ epc, tid, antenna }) => ({
        epc,
        antenna: antenna ?? round.antenna,
        rssiDbm: null,
        count: 1,
        heardAtMs,
        ...(tid === undefined ? {} : { tid }),
      })),
      bytes,
    );
  };
  const tellInventory = ({ status: word, data }: UhfFrame, bytes: Uint8Array): void => {
    if (tagStatuses.has(word)) tellTags(readInventory(data, family.form), data, bytes);
    else host.frame([], bytes);
    if (!quietStatuses.has(word) && word !== status.antennaFault && !told.has(word)) {
      told.add(word);
      host.notice({ kind: "warning", code: `uhf_${statusName(word)}`, message: statusText(word) });
    }
    if (!isOngoing(word)) round.over(word);
  };
  return (frame, bytes) => {
    if (frame.command === commands.inventory) return tellInventory(frame, bytes);
    if (frame.command === commands.pushed && frame.status === status.ok)
      return tellTags(readPushed(frame.data), frame.data, bytes);
    host.frame([], bytes);
  };
};

type Reading = {
  readonly line: Line<UhfFrame>;
  readonly family: UhfFamily;
  readonly host: DriverHost;
  readonly settings: DriverSettings;
  readonly limits: UhfLimits;
  readonly round: Round;
  readonly signal: AbortSignal;
};

/** The status that ended the round; undefined when it is over without one. */
const runRound = async (reading: Reading, antenna: number): Promise<number | undefined> => {
  const { line, family, settings, limits, round, signal } = reading;
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  round.antenna = antenna;
  round.over = resolve;
  const startedMs = performance.now();
  const data = family.inventory(antenna, settings.session ?? 0, limits.roundMs);
  line.send(encodeFrame(commands.inventory, data));
  const quietMs = limits.roundMs + limits.roundGraceMs;
  let timer: NodeJS.Timeout | undefined;
  const watch = (leftMs: number): void => {
    timer = setTimeout(() => {
      // When this process itself was held up, what has arrived meanwhile is read first.
      setImmediate(() => {
        const now = performance.now();
        const leftMs = Math.max(startedMs, line.lastFrameMs) + quietMs - now;
        const isOver = leftMs <= 0 || now - startedMs >= limits.roundMaxMs || signal.aborted || line.hasEnded;
        if (isOver) resolve(undefined);
        else watch(leftMs);
      });
    }, leftMs);
  };
  watch(quietMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    round.over = noRound;
  }
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Reads round after round, antenna after antenna. One that is not there is told, and tried again after a while. */
export const readRounds = async (reading: Reading): Promise<void> => {
  const { line, family, host, settings, limits, signal } = reading;
  const wanted = settings.antennas.map(({ port }) => port);
  const all = Array.from({ length: family.antennasMax }, (_, at) => at + 1);
  const antennas = wanted.length > 0 ? wanted : all;
  const missingUntilMs = new Map<number, number>();
  while (!signal.aborted && !line.hasEnded) {
    const now = performance.now();
    const present = antennas.filter((antenna) => (missingUntilMs.get(antenna) ?? 0) <= now);
    if (present.length === 0 && missingUntilMs.size === antennas.length && wanted.length > 0)
      throw new Fault("reader.antenna", `antenna ${wanted.join(", ")}`);
    if (present.length === 0) await pause(limits.roundMs);
    for (const antenna of present) {
      if (signal.aborted || line.hasEnded) return;
      const word = await runRound(reading, antenna);
      // Silence means that the round is over or that the reader is gone: an answered question tells which.
      if (word === undefined && !signal.aborted && !line.hasEnded) await askInfo(line);
      if (word === status.antennaFault)
        missingUntilMs.set(antenna, performance.now() + limits.antennaRetryMs);
      else if (word !== undefined) missingUntilMs.delete(antenna);
      if (word !== undefined && family.form.hasAntenna)
        host.notice({ kind: "antenna", antenna, connected: word !== status.antennaFault });
    }
  }
};
