import type { Receipt, Scan } from "@tagwire/messages";
import type { Answer, Refusal } from "../api/http.ts";
import { retryDelayMs } from "../live/back-off.ts";

/** Scans in one request. */
export const batchMax = 500;
/** Scans that may wait in memory for an answer. Beyond it new ones are refused aloud, never dropped in silence. */
export const heldMax = 5_000;
/** Answered scans kept on the screen. */
export const answeredKeptMax = 200;
/** A scan unanswered for this long means that the server cannot be reached: no more are taken until it answers. */
export const unreachableAfterMs = 15_000;
/** The same tag again within this time is the same pass of the scanner. */
export const burstMs = 3_000;

/**
 * One scan on its way.
 *
 *   sending ──receipt──► answered                 (only this is confirmed)
 *   sending ──no answer──► unanswered ──again, same id──► answered
 *   sending ──the request was refused──► refused  (nothing of it was recorded)
 */
export type Sending = {
  readonly scan: Scan;
  readonly site: string;
  /** Who made it. It is sent while they are signed in and never under anybody else's name. */
  readonly by: string;
  readonly capturedAtMs: number;
  readonly seenAtMs: number;
  /** How often the scanner read it in this burst. */
  readonly times: number;
  readonly tries: number;
  readonly state: "sending" | "unanswered" | "answered" | "refused";
  readonly receipt?: Receipt;
  readonly refusal?: Pick<Refusal, "code" | "message">;
  readonly answeredAtMs?: number;
};

export type SenderState = {
  /** Newest first. */
  readonly rows: readonly Sending[];
  readonly waiting: number;
  /** How many of `waiting` are by whoever is signed in. */
  readonly own: number;
  /** Who has to sign in again before all of `waiting` can be sent; the one who is signed in is not among them. */
  readonly absent: readonly string[];
  readonly unreachable: boolean;
  readonly needsSignIn: boolean;
};

export type SenderWorld = {
  post(site: string, scans: readonly Scan[]): Promise<Answer<readonly Receipt[]>>;
  /** Resolves after the delay, or at once when `hurry` is called. */
  wait(delayMs: number, hurried: Promise<void>): Promise<void>;
  nowMs(): number;
  random(): number;
  /** Called with what one request brought, for tones and announcements. */
  onSettled(rows: readonly Sending[]): void;
};

export type Sender = ReturnType<typeof createSender>;

/** Sends scans at once when idle, gathers while a request is in flight, and never gives up on one that got no answer. */
export const createSender = (world: SenderWorld) => {
  const listeners = new Set<() => void>();
  let queue: Sending[] = [];
  let settled: Sending[] = [];
  let size = batchMax;
  let failures = 0;
  let failingSinceMs: number | undefined;
  let needsSignIn = false;
  let running = false;
  let hurry: () => void = () => {};
  let hurried = new Promise<void>(() => {});
  let person: string | undefined;
  let state: SenderState = {
    rows: [],
    waiting: 0,
    own: 0,
    absent: [],
    unreachable: false,
    needsSignIn: false,
  };

  const ownOf = (rows: readonly Sending[]): Sending[] => rows.filter(({ by }) => by === person);

  const tell = (): void => {
    const unreachable = failingSinceMs !== undefined && world.nowMs() - failingSinceMs >= unreachableAfterMs;
    const makers = new Set(queue.map(({ by }) => by));
    state = {
      rows: [...queue.toReversed(), ...settled],
      waiting: queue.length,
      own: ownOf(queue).length,
      absent: [...makers].filter((by) => by !== person),
      unreachable,
      needsSignIn,
    };
    for (const listener of listeners) listener();
  };

  const settle = (done: ReadonlyMap<string, Partial<Sending>>): void => {
    const finished: Sending[] = [];
    queue = queue.filter((row) => {
      const change = done.get(row.scan.id);
      if (change !== undefined) finished.push({ ...row, ...change, answeredAtMs: world.nowMs() });
      return change === undefined;
    });
    settled = [...finished.toReversed(), ...settled].slice(0, answeredKeptMax);
    world.onSettled(finished);
  };

  const onReceipts = (receipts: readonly Receipt[]): void => {
    failures = 0;
    failingSinceMs = undefined;
    needsSignIn = false;
    size = Math.min(batchMax, size * 2);
    settle(new Map(receipts.map((receipt) => [receipt.id, { state: "answered" as const, receipt }])));
  };

  const onRefused = (batch: readonly Sending[], refusal: Refusal): void => {
    if (batch.length > 1) {
      // One unreadable scan refuses the whole request; halving finds it without losing its neighbours.
      size = Math.ceil(batch.length / 2);
      return;
    }
    failures = 0;
    failingSinceMs = undefined;
    settle(new Map(batch.map((row) => [row.scan.id, { state: "refused" as const, refusal }])));
    size = batchMax;
  };

  const onNoAnswer = async (batch: readonly Sending[], refusal: Refusal | undefined): Promise<void> => {
    failingSinceMs ??= world.nowMs();
    if (refusal?.status === 0 || refusal?.status === 504) size = Math.max(1, Math.ceil(batch.length / 2));
    const ids = new Set(batch.map((row) => row.scan.id));
    queue = queue.map((row) =>
      ids.has(row.scan.id) ? { ...row, state: "unanswered", tries: row.tries + 1 } : row,
    );
    tell();
    const delayMs = Math.max(refusal?.retryAfterMs ?? 0, retryDelayMs(failures, world.random()));
    failures += 1;
    hurried = new Promise((resolve) => {
      hurry = resolve;
    });
    await world.wait(delayMs, hurried);
  };

  const sendOnce = async (own: readonly Sending[]): Promise<void> => {
    const site = own[0]?.site ?? "";
    const batch = own.slice(0, size).filter((row) => row.site === site);
    const answer = await world.post(
      site,
      batch.map((row) => row.scan),
    );
    needsSignIn = answer.kind === "signed_out";
    if (answer.kind === "ok") {
      const unanswered = queue.length;
      onReceipts(answer.value);
      // An answer that speaks of none of them would otherwise be asked for in a tight loop.
      if (queue.length === unanswered) await onNoAnswer(batch, undefined);
    } else if (answer.kind === "refused" && !answer.refusal.retryable) onRefused(batch, answer.refusal);
    else await onNoAnswer(batch, answer.kind === "refused" ? answer.refusal : undefined);
  };

  const pump = async (): Promise<void> => {
    if (running) return;
    running = true;
    for (let own = ownOf(queue); own.length > 0; own = ownOf(queue)) {
      await sendOnce(own);
      tell();
    }
    running = false;
  };

  /** Was it read in this very burst, meaning the same? Then it is counted, not sent again. */
  const countRepeat = (scan: Scan, site: string, nowMs: number): boolean => {
    const isOfTag = (row: Sending): boolean =>
      row.scan.tag === scan.tag && row.site === site && row.by === person;
    const last = queue.findLast(isOfTag) ?? settled.find(isOfTag);
    if (last === undefined || last.state === "refused" || nowMs - last.seenAtMs >= burstMs) return false;
    if (meaningOf(last.scan) !== meaningOf(scan)) return false;
    const counted = { ...last, times: last.times + 1, seenAtMs: nowMs };
    queue = queue.map((row) => (row === last ? counted : row));
    settled = settled.map((row) => (row === last ? counted : row));
    return true;
  };

  return {
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get: (): SenderState => state,
    /** Who is signed in from now on, if anybody. What they left unanswered earlier goes on being sent. */
    setPerson: (name: string | undefined): void => {
      person = name;
      if (name !== undefined) {
        needsSignIn = false;
        failingSinceMs = undefined;
      }
      tell();
      hurry();
      void pump();
    },
    /** Takes scans of whoever is signed in. The caller made sure that scans are being taken (see {@link notTaken}). */
    add: (site: string, scans: readonly Scan[]): void => {
      const by = person;
      if (by === undefined) throw new Error("a scan was taken although nobody is signed in");
      const nowMs = world.nowMs();
      for (const scan of scans) {
        if (countRepeat(scan, site, nowMs)) continue;
        queue.push({
          scan,
          site,
          by,
          capturedAtMs: nowMs,
          seenAtMs: nowMs,
          times: 1,
          tries: 0,
          state: "sending",
        });
      }
      tell();
      void pump();
    },
    /** The server is there again: do not wait for the back-off. */
    hurry: (): void => hurry(),
    /** Looks at the clock again, since "unreachable" is a matter of time. */
    check: (): void => {
      if (failingSinceMs !== undefined) tell();
    },
    clearSettled: (): void => {
      settled = [];
      tell();
    },
  };
};

/** What a scan says, apart from which scan it is and when it was made. */
const meaningOf = ({ id: _id, scannedAt: _scannedAt, ...meaning }: Scan): string => JSON.stringify(meaning);

export type NotTaken = "offline" | "unreachable" | "signed_out" | "full";

/** Why scans are not being taken right now; undefined when they are. */
export const notTaken = (state: SenderState, online: boolean, more = 1): NotTaken | undefined => {
  if (!online) return "offline";
  if (state.needsSignIn) return "signed_out";
  if (state.unreachable) return "unreachable";
  return state.waiting + more > heldMax ? "full" : undefined;
};
