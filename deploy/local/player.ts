import { type RecordedLine, type ReplayedEvent, replayedReadsMax } from "@tagwire/messages";

/** Of one push: it stays far below what one body, and one answer in time, can hold. */
export const pushLimits = { eventsMax: 400, readsMax: 2_000, charactersMax: 512 * 1_024 } as const;
const malformedCharsMax = 512;
const malformedHexMax = 512;

/** Whatever is played of one `tagwire replay`, how far it is, and what of it was kept, counted as the reader's ledger counts. */
export type Run = { readonly id: string; next: number; frames: number; reads: number };

export const newRun = (id: string): Run => ({ id, next: 0, frames: 0, reads: 0 });

export type PlayOptions = {
  /** How many times as fast as it was; infinite for as fast as it is taken. */
  readonly speed: number;
  readonly run: Run;
  /** Whether what is pushed is kept. */
  readonly push: (events: readonly ReplayedEvent[]) => Promise<boolean>;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
};

const agedEvents = (line: RecordedLine, ageOf: (ms: number) => number, run: Run): ReplayedEvent[] => {
  const own = () => {
    run.next += 1;
    return { run: run.id, n: run.next };
  };
  if ("malformed" in line) {
    const { malformed, bytes } = line;
    return [
      { ...own(), malformed: malformed.slice(0, malformedCharsMax), bytes: bytes.slice(0, malformedHexMax) },
    ];
  }
  if ("input" in line) {
    const { port, brokenMs } = line.input;
    return [{ ...own(), input: { port, ageMs: ageOf(brokenMs) } }];
  }
  const reads = line.reads.map(({ heardMs, ...read }) => ({ ...read, ageMs: ageOf(heardMs) }));
  const events: ReplayedEvent[] = [];
  for (let at = 0; at === 0 || at < reads.length; at += replayedReadsMax)
    events.push({ ...own(), reads: reads.slice(at, at + replayedReadsMax) });
  return events;
};

/** Events as they are pushed: a frame may hold more reads, or longer tags, than one body. */
const inPushes = (events: readonly ReplayedEvent[]): ReplayedEvent[][] => {
  const pushes: ReplayedEvent[][] = [];
  let reads = 0;
  let characters = 0;
  for (const event of events) {
    const own = {
      reads: "reads" in event ? event.reads.length : 0,
      characters: JSON.stringify(event).length,
    };
    reads += own.reads;
    characters += own.characters;
    const last = pushes.at(-1);
    if (last !== undefined && reads <= pushLimits.readsMax && characters <= pushLimits.charactersMax)
      last.push(event);
    else {
      pushes.push([event]);
      ({ reads, characters } = own);
    }
  }
  return pushes;
};

const countKept = (run: Run, events: readonly ReplayedEvent[]): void => {
  for (const event of events) {
    if (!("reads" in event)) continue;
    run.frames += 1;
    run.reads += event.reads.reduce((sum, { count }) => sum + count, 0);
  }
};

/**
 * Plays lines in their pace: what is due is pushed at once, and what gets due while a push is under way goes with the next one. Where
 * pushes take longer than the recording did, it falls behind and leaves nothing out. Gives by how much at most, in ms; 0 when no pace was set.
 */
export const play = async (lines: readonly RecordedLine[], options: PlayOptions): Promise<number> => {
  const { speed, run, push, nowMs, wait, isStopped } = options;
  const startMs = nowMs();
  const dueMs = ({ atMs }: RecordedLine): number => startMs + atMs / speed;
  let at = 0;
  let behindMs = 0;
  while (at < lines.length && !isStopped()) {
    const events: ReplayedEvent[] = [];
    let reads = 0;
    const now = nowMs();
    for (let line = lines[at]; line !== undefined && dueMs(line) <= now; line = lines[at]) {
      if (events.length >= pushLimits.eventsMax || reads >= pushLimits.readsMax) break;
      const lateMs = now - dueMs(line);
      if (speed !== Number.POSITIVE_INFINITY) behindMs = Math.max(behindMs, lateMs);
      const { atMs } = line;
      const ageOf = (ms: number): number =>
        speed === Number.POSITIVE_INFINITY ? 0 : Math.max(0, Math.round((atMs - ms) / speed + lateMs));
      events.push(...agedEvents(line, ageOf, run));
      reads += "reads" in line ? line.reads.length : 0;
      at += 1;
    }
    for (const some of inPushes(events)) if (await push(some)) countKept(run, some);
    if (events.length === 0) {
      const next = lines[at];
      if (next !== undefined) await wait(dueMs(next) - now);
    }
  }
  return behindMs;
};
