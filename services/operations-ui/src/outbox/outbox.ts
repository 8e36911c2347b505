import type { Scan } from "@tagwire/messages";
import type { Answer } from "../api/http.ts";
import { postScans } from "../api/scans.ts";
import type { Command, Draft } from "./command.ts";
import { draftOf, isUnanswered } from "./command.ts";
import {
  addCommands,
  everything,
  findCommands,
  listCommands,
  oldestOf,
  pruneDone,
  putCommands,
} from "./database.ts";
import { openDisk } from "./disk.ts";
import { type DrainMemory, drain } from "./drain.ts";
import { alone, openNudges } from "./neighbours.ts";
import { createOddKept } from "./odd-kept.ts";
import { firstPace } from "./pace.ts";
import { createBursts, createRowMaker, type Row, rowsKeptMax } from "./rows.ts";
import { spread } from "./spread.ts";

/** Scans that may wait on a device, in all. Beyond it new ones are refused aloud, never dropped in silence. */
export const queuedMax = 50_000;
/** Answered scans that stay stored, so that a page which was closed meanwhile is told of them. */
const doneKeptMax = 2_000;
/** While another page drains it is asked again so soon whether it still does, in ms: it may have been closed. */
const busyRecheckMs = 500;
/** What other pages did is read at most so often, in ms, and a long queue so rarely that reading it takes a small part of the time. */
const reloadEveryMs = 150;
const reloadShare = 10;

export type OutboxState = {
  /** The scans of this page, newest first. */
  readonly rows: readonly Row[];
  /** How many wait for an answer, of all pages of this browser. */
  readonly waiting: number;
  /** The same, by site. */
  readonly waitingAt: ReadonlyMap<string, number>;
  /** How many of them are by whoever is signed in. */
  readonly own: number;
  /** Who has to sign in again before all of them can be sent; whoever is signed in is not among them. */
  readonly absent: readonly string[];
  readonly oldestAtMs: number | undefined;
  /** Those that wait for a person, oldest first. */
  readonly attention: readonly Command[];
  /** Scans that did not go straight, oldest first, those with what was done about them. Refused ones about which nothing was done are in `attention`. */
  readonly odd: readonly Command[];
  /** How many are in memory only. */
  readonly held: number;
  readonly storage: "opening" | "there" | "away";
  /** Whether the storage could not be opened several times in a row, so that only a reload may help. */
  readonly isStuck: boolean;
  /** The last attempt had no answer. */
  readonly isFailing: boolean;
  readonly needsSignIn: boolean;
};

export type OutboxWorld = {
  /** What one request brought, for tones and announcements. */
  onSettled(rows: readonly Row[]): void;
  /** Scans were stored. */
  onSaved(count: number): void;
  /** What has to be said before these are sent: an answer that stands for theirs when it could not be, undefined when they may go. */
  beforeSending(commands: readonly Command[]): Promise<Answer<never> | undefined>;
};

const stuckAfterFailures = 3;
export type Outbox = ReturnType<typeof createOutbox>;

/** The queue of this browser as one page sees it: every page captures into it, and one at a time sends. */
export const createOutbox = (world: OutboxWorld) => {
  const bursts = createBursts();
  const makeRow = createRowMaker();
  const memory: DrainMemory = { pace: firstPace };
  const nudges = openNudges(() => reloadSoon());
  let person: string | undefined;
  /** What waits, by id, oldest first: as it is stored, and what is only held. */
  let queue = new Map<string, Command>();
  let attention = new Map<string, Command>();
  const odd = createOddKept();
  /** Captured while nothing could be stored. */
  const held = new Map<string, Command>();
  /** What became of stored ones while nothing could be stored. */
  const unsaved = new Map<string, Command>();
  let settled: Command[] = [];
  let inFlight: ReadonlySet<string> = new Set();
  let incoming: Draft[] = [];
  let isCapturing = false;
  let isDraining = false;
  let needsSignIn = false;
  let retryAtMs = 0;
  let wasOpened = false;
  /** Counts what this page itself has changed: what was read meanwhile is older. */
  let changes = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reloadTookMs = 0;
  /** What was read was changed meanwhile by this page itself. */
  let isOutdated = false;
  let reloading: ReturnType<typeof setTimeout> | undefined;

  const disk = openDisk((isThere) => {
    wasOpened = true;
    if (isThere) void restore();
    else tell();
  });

  const rowFor = (command: Command): Row =>
    makeRow(command, {
      ...{ times: bursts.timesOf(command.id), isInFlight: inFlight.has(command.id) },
      isHeld: held.has(command.id),
    });

  const read = (): OutboxState => {
    const waiting = [...queue.values()];
    const makers = new Set(waiting.map(({ capturedBy }) => capturedBy));
    const waitingAt = new Map<string, number>();
    for (const { site } of waiting) waitingAt.set(site, (waitingAt.get(site) ?? 0) + 1);
    const unanswered = [...attention.values()].filter(({ receipt }) => receipt === undefined);
    const newest = [...unanswered, ...waiting].slice(-rowsKeptMax).reverse();
    return {
      rows: [...newest.map(rowFor), ...settled.map(rowFor)],
      waiting: waiting.length,
      waitingAt,
      own: waiting.filter(({ capturedBy }) => capturedBy === person).length,
      absent: [...makers].filter((maker) => maker !== person),
      oldestAtMs: waiting[0]?.capturedAtMs,
      attention: [...attention.values()],
      odd: odd.list(),
      held: held.size,
      storage: disk.isThere() ? "there" : wasOpened ? "away" : "opening",
      isStuck: disk.failures() >= stuckAfterFailures,
      isFailing: memory.pace.failures > 0,
      needsSignIn,
    };
  };
  const { subscribe, get, tell } = spread(read);

  /** Takes over what became of commands, and says what of it is news to this page. */
  const apply = (commands: readonly Command[]): void => {
    const news: Command[] = [];
    for (const command of commands) {
      const { id, state: now } = command;
      const known = queue.get(id) ?? attention.get(id);
      queue.delete(id);
      attention.delete(id);
      if (now === "queued") queue.set(id, command);
      else if (now === "attention") attention.set(id, command);
      if (known?.state !== "queued" || now === "queued") continue;
      if (command.receipt === undefined) bursts.forget(command);
      news.push(command);
    }
    odd.take(commands);
    if (commands.some(({ state: now }) => now === "queued"))
      queue = new Map([...queue].sort(([, one], [, other]) => one.order - other.order));
    const answered = news.filter(({ receipt }) => receipt !== undefined).reverse();
    settled = [...answered, ...settled].slice(0, rowsKeptMax);
    if (news.length > 0) world.onSettled(news.map(rowFor));
  };

  const keep = async (told: readonly Command[]): Promise<void> => {
    const commands = told.map(odd.within);
    changes += 1;
    for (const command of commands) if (held.has(command.id)) held.set(command.id, command);
    const stored = commands.filter(({ id }) => !held.has(id));
    const done =
      stored.length === 0 || (await disk.use((database) => putCommands(database, stored).then(() => true)));
    if (done !== true) for (const command of stored) unsaved.set(command.id, command);
    for (const command of commands)
      if (command.state === "done") held.delete(command.id);
      // It is sent, and waits for a person: stored as soon as anything can be.
      else if (command.state === "odd" && held.delete(command.id)) unsaved.set(command.id, command);
    changes += 1;
    apply(commands);
    nudges.tell();
    tell();
  };

  /** Everything that waits, as it is stored; whatever is no longer there has been answered to another page. */
  const reload = async (): Promise<void> => {
    const before = changes;
    isOutdated = false;
    const lists = await disk.use(async (database) => ({
      queued: await listCommands(database, "queued"),
      parked: await listCommands(database, "attention"),
      odd: await listCommands(database, "odd"),
    }));
    if (lists === undefined) return;
    const isThere = new Set([...lists.queued, ...lists.parked].map(({ id }) => id));
    const gone = [...queue.keys()].filter((id) => !isThere.has(id) && !held.has(id));
    const ended = (await disk.use((database) => findCommands(database, gone))) ?? [];
    if (changes !== before) {
      isOutdated = true;
      return reloadSoon();
    }
    apply([...ended, ...lists.parked.filter(({ id }) => queue.has(id))]);
    odd.set(lists.odd.map((command) => unsaved.get(command.id) ?? command));
    attention = new Map(lists.parked.map((command) => [command.id, unsaved.get(command.id) ?? command]));
    queue = new Map(
      [...lists.queued.filter(({ id }) => !unsaved.has(id)), ...held.values()]
        .filter(({ state: now }) => now === "queued")
        .map((command) => [command.id, command]),
    );
    tell();
    pump();
  };

  const reloadSoon = (): void => {
    if (reloading !== undefined) return;
    reloading = setTimeout(
      async () => {
        const startedMs = performance.now();
        await reload();
        reloadTookMs = performance.now() - startedMs;
        reloading = undefined;
        if (isOutdated) reloadSoon();
      },
      Math.max(reloadEveryMs, reloadTookMs * reloadShare),
    );
  };

  /** What is stored is there (again): what was only in memory goes down first. */
  const restore = async (): Promise<void> => {
    const waiting = [...unsaved.values()];
    if (waiting.length > 0 && (await disk.use((database) => putCommands(database, waiting).then(() => true))))
      for (const { id } of waiting) unsaved.delete(id);
    const drafts = [...held.values()].filter(({ state: now }) => now === "queued");
    // What was sent without a number is known without one.
    const numbered = drafts.map(({ seq: _, ...draft }) =>
      draft.tries > 0 || draft.trouble !== undefined || inFlight.has(draft.id)
        ? { ...draft, seq: null }
        : draft,
    );
    const added = await disk.use((database, identity) => addCommands(database, identity, numbered));
    for (const { id } of added ?? []) held.delete(id);
    await reload();
  };

  const holdInMemory = (drafts: readonly Draft[]): void => {
    for (const draft of drafts) {
      const command: Command = {
        ...{ ...draft, v: 0, order: Number.MAX_SAFE_INTEGER, seq: null, deviceId: "", incarnation: "" },
        ...{ state: "queued", tries: 0 },
      };
      held.set(command.id, command);
      queue.set(command.id, command);
    }
  };

  /** Stores what was captured: what comes while one transaction is under way goes into the next, all together. */
  const capture = async (): Promise<void> => {
    if (isCapturing) return;
    isCapturing = true;
    while (incoming.length > 0) {
      const drafts = incoming;
      incoming = [];
      const added = await disk.use((database, identity) => addCommands(database, identity, drafts));
      if (added === undefined) holdInMemory(drafts);
      else for (const command of added) queue.set(command.id, command);
      changes += 1;
      if (added !== undefined) world.onSaved(added.length);
      nudges.tell();
      tell();
      pump();
    }
    isCapturing = false;
  };

  const next = async (limit: number, aside: string | undefined): Promise<readonly Command[]> => {
    const maker = person;
    if (maker === undefined) return [];
    const stored = await disk.use((database) => oldestOf(database, maker, limit + 1));
    const own = stored ?? [...queue.values()].filter(({ capturedBy }) => capturedBy === maker);
    const sendable = own.filter(({ id }) => id !== aside && !unsaved.has(id));
    const [first] = sendable;
    const isWith = ({ site, incarnation }: Command): boolean =>
      site === first?.site && incarnation === first.incarnation;
    return sendable.filter(isWith).slice(0, limit);
  };

  const post = async (commands: readonly Command[]) => {
    inFlight = new Set(commands.map(({ id }) => id));
    tell();
    const hindrance = await world.beforeSending(commands);
    const answer = hindrance ?? (await postScans(commands[0]?.site ?? "", commands));
    inFlight = new Set();
    return answer;
  };

  const drainWorld = { next, post, keep, nowMs: () => Date.now(), random: () => Math.random() };

  const pumpIn = (delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(pump, delayMs);
  };

  /** Sends, if this page is the one to do it and there is something to send. */
  const pump = (): void => {
    const isIdle = ![...queue.values()].some(({ capturedBy }) => capturedBy === person);
    if (isDraining || person === undefined || needsSignIn || isIdle) return;
    const restMs = retryAtMs - Date.now();
    if (restMs > 0) return pumpIn(restMs);
    isDraining = true;
    void alone(() => drain(drainWorld, memory)).then((end) => {
      isDraining = false;
      if (end === undefined) return pumpIn(busyRecheckMs);
      if (end.kind === "needs_auth") needsSignIn = true;
      else if (end.kind === "later") {
        retryAtMs = Date.now() + end.delayMs;
        pumpIn(end.delayMs);
      } else void disk.use((database) => pruneDone(database, doneKeptMax));
      // What this page holds to be waiting may have been answered to another one.
      if (end.kind === "empty") reloadSoon();
      tell();
    });
  };

  const hurry = (): void => {
    retryAtMs = 0;
    pump();
  };

  void disk.use(async () => {});
  return {
    subscribe,
    get,
    /** Who is signed in from now on, if anybody: only what was captured under their name is sent. */
    setPerson: (name: string | undefined): void => {
      person = name;
      if (name !== undefined) needsSignIn = false;
      tell();
      hurry();
    },
    /** Captures scans of whoever is signed in; each is shown once it is stored. */
    add: (scans: readonly Scan[], how: Pick<Draft, "site" | "clockOffsetMs">): void => {
      const by = person;
      if (by === undefined) throw new Error("a scan was taken although nobody is signed in");
      const nowMs = Date.now();
      for (const payload of scans) {
        if (bursts.isRepeat(payload, how.site, by, nowMs)) continue;
        incoming.push(draftOf(payload, { ...how, capturedBy: by, capturedAtMs: nowMs }));
      }
      tell();
      void capture();
    },
    /** One scan that a press made, and no scanner: it is never taken for the same pass again. */
    record: (scan: Scan, how: Pick<Draft, "site" | "clockOffsetMs">): void => {
      if (person === undefined) return;
      incoming.push(draftOf(scan, { ...how, capturedBy: person, capturedAtMs: Date.now() }));
      tell();
      void capture();
    },
    /** Scans that were taken, and that their session does not expect, as the record says: those that nobody has let go come into the lane. */
    setUnexpected: async (ids: readonly string[]): Promise<void> => {
      const found = (await disk.use((database) => findCommands(database, ids))) ?? [];
      const fresh = found.filter(({ state: now, lane }) => now === "done" && lane === undefined);
      if (fresh.length > 0)
        await keep(fresh.map((command) => ({ ...command, state: "odd", isUnexpected: true })));
    },
    /** What was done about odd scans, as it is stored from now on. */
    keepLane: (commands: readonly Command[]): Promise<void> => keep(commands),
    /** The server is there again: do not wait for the back-off. */
    hurry,
    /** Forgets what was answered at a site. */
    clearSettled: (at: string): void => {
      settled = settled.filter(({ site }) => site !== at);
      tell();
    },
    /** One that waits for a person is sent once more. */
    retry: (command: Command): Promise<void> => {
      const { trouble: _, ...again } = command;
      return keep([{ ...again, state: "queued", tries: 0 }]).then(hurry);
    },
    /** A person has seen that it was refused, or says why it is not to be sent. */
    dismiss: (command: Command, reason: string): Promise<void> => {
      const discarded = { reason, by: person ?? "", atMs: Date.now() };
      return keep([{ ...command, discarded, state: isUnanswered(command) ? "discarded" : "done" }]);
    },
    /** What waits into a session: it cannot be complete before. */
    waitingInto: (session: string): number =>
      [...queue.values(), ...attention.values()].filter(({ payload }) => payload.session === session).length,
    /** Everything that waits, and everything that is stored as it is. */
    waitingCommands: (): readonly Command[] => [...queue.values()],
    everything: async (): Promise<readonly object[]> => [
      ...((await disk.use((database) => everything(database))) ?? queue.values()),
      ...held.values(),
    ],
    /** What only the storage knows; undefined while there is none. */
    ask: disk.use,
  };
};
