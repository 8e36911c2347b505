import { Fault } from "@tagwire/messages";
import type { DriverHost, DriverSettings } from "../driver.ts";
import type { Line } from "../line/line.ts";
import { oddTag, tellOddReads } from "../odd-reads.ts";
import { commands, encodeFrame, type UhfFrame } from "./frames.ts";
import type { UhfLimits } from "./limits.ts";
import { askInfo, type UhfFamily } from "./setup.ts";
import { isOngoing, status, statusName, statusText } from "./status.ts";
import { type Entries, readInventory, readPushed } from "./tag-entries.ts";

/** The round that runs: at which antenna, whether tags are asked for their TID, and what ends the wait for its end. */
export type Round = { antenna: number; asksTid: boolean; over: (word: number) => void };

const noRound = (): void => {};
export const newRound = ({ asksTid = false }: Pick<DriverSettings, "asksTid">): Round => ({
  antenna: 1,
  asksTid,
  over: noRound,
});

const tagStatuses: ReadonlySet<number> = new Set([
  status.ok,
  status.done,
  status.timeIsUp,
  status.moreFollows,
  status.memoryFull,
]);
/** A command that the reader does not know, or does not take as it is. */
const refusals: ReadonlySet<number> = new Set([status.wrongLength, status.unknownCommand, status.badValue]);
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
    for (const { epc, tid } of entries.tags) {
      const odd = oddTag(epc);
      if (odd !== undefined) tellOdd(odd, 1);
      if (round.asksTid && tid === undefined) tellOdd("tid_unread", 1);
    }
    host.frame(
      entries.tags.map(({ epc, tid, antenna, rssiRaw }) => ({
        epc,
        antenna: antenna ?? round.antenna,
        rssiDbm: null,
        ...(rssiRaw === undefined ? {} : { rssiRaw }),
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
  const { session = 0 } = settings;
  const data = family.inventory(antenna, { session, roundMs: limits.roundMs, asksTid: round.asksTid });
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

/** A reader that does not know the order is not asked for it any more, and goes on with the EPCs alone. */
const tellTidRefused = ({ host, round }: Reading, word: number): void => {
  round.asksTid = false;
  host.notice({ kind: "warning", code: "tid_refused", message: `FastID: ${statusText(word)}` });
};

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
    // Of a reader that tells of no antenna nobody would know why nothing is read.
    if (present.length === 0)
      throw new Fault(
        "reader.antenna",
        wanted.length === 0 ? "no antenna is plugged in" : `antenna ${wanted.join(", ")}`,
      );
    for (const antenna of present) {
      if (signal.aborted || line.hasEnded) return;
      const word = await runRound(reading, antenna);
      // Silence means that the round is over or that the reader is gone: an answered question tells which.
      if (word === undefined && !signal.aborted && !line.hasEnded) await askInfo(line);
      if (reading.round.asksTid && word !== undefined && refusals.has(word)) tellTidRefused(reading, word);
      if (word === status.antennaFault)
        missingUntilMs.set(antenna, performance.now() + limits.antennaRetryMs);
      else if (word !== undefined) missingUntilMs.delete(antenna);
      if (word !== undefined && family.form.hasAntenna)
        host.notice({ kind: "antenna", antenna, connected: word !== status.antennaFault });
    }
  }
};
