import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { ask, type Bus, request } from "@tagwire/bus";
import { compareBuckets, type Digest, parseVector } from "@tagwire/digest";
import {
  AskManagerAudit,
  AskOperationsAudit,
  type AuditEntity,
  type AuditRow,
  type Barrier,
  commandSubject,
  Fault,
  newId,
} from "@tagwire/messages";
import { askAgain } from "./ask-again.ts";

export type SideName = "operations" | "manager";
const questions = { operations: AskOperationsAudit, manager: AskManagerAudit } as const;

/** Where a side stands is said at once; whoever has died meanwhile says nothing. */
const timeoutMs = 5_000;
/**
 * Nobody owns a site for some seconds while a process ends, and one that hangs does not answer; a barrier placed twice under one id is one
 * barrier.
 */
const placedWithinMs = 30_000;
const placeTimeoutMs = 5_000;
const betweenTriesMs = 500;
const pollMs = 25;

/** Puts a barrier into the log of a site. @throws Fault when its owner does not answer for some seconds, or refuses */
export const placeBarrier = async (bus: Bus, site: string, signal: AbortSignal): Promise<Barrier> => {
  const command = {
    kind: "audit.barrier",
    id: newId(),
    by: {},
    receivedAt: new Date().toISOString(),
    traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`,
    body: { barrier: newId() },
  };
  const giveUpAtMs = performance.now() + placedWithinMs;
  for (;;) {
    try {
      const placed = await request<{ barrier: Barrier }>(bus, commandSubject(site), command, {
        timeoutMs: placeTimeoutMs,
      });
      return placed.barrier;
    } catch (error) {
      const isLate = performance.now() > giveUpAtMs;
      if (isLate || !(error instanceof Fault) || !error.retryable || signal.aborted) throw error;
      await wait(betweenTriesMs, undefined, { signal });
    }
  }
};

/**
 * What a side has taken at a barrier, once it has come to it.
 *
 * @returns undefined when it does not come to it in time
 */
export const barrierDigests = async (
  bus: Bus,
  side: SideName,
  asked: { readonly site: string; readonly barrier: string; readonly withinMs: number },
  signal: AbortSignal,
): Promise<{ forms: number; digests: Readonly<Record<string, string>> } | undefined> => {
  const { withinMs, ...question } = asked;
  const giveUpAtMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask(bus, questions[side].barrier, question, { timeoutMs }).catch(
      (error: unknown) => {
        if (error instanceof Fault && error.retryable) return undefined;
        throw error;
      },
    );
    if (answer?.digests != null) return { forms: answer.forms, digests: answer.digests };
    if (performance.now() > giveUpAtMs) return undefined;
    await wait(pollMs, undefined, { signal });
  }
};

/** The buckets of an entity of which both sides had something else at a barrier, and how many had anything. */
export const differingBuckets = async (
  bus: Bus,
  asked: { readonly site: string; readonly barrier: string; readonly entity: AuditEntity },
): Promise<{ readonly buckets: readonly number[]; readonly filled: number }> => {
  const read = async (side: SideName): Promise<Map<number, Digest>> => {
    const { vector } = await askAgain(bus, questions[side].vector, asked);
    return parseVector(vector === null ? new Uint8Array() : Buffer.from(vector, "base64"));
  };
  const [left, right] = await Promise.all([read("operations"), read("manager")]);
  return { buckets: compareBuckets(left, right), filled: new Set([...left.keys(), ...right.keys()]).size };
};

/** Rows of some buckets, all pages of them, and the oldest position that any page is of. */
export const readRows = async (
  bus: Bus,
  side: SideName,
  asked: { readonly site: string; readonly entity: AuditEntity; readonly buckets: readonly number[] },
): Promise<{ readonly epoch: number; readonly pos: number; readonly rows: Map<string, AuditRow> }> => {
  const rows = new Map<string, AuditRow>();
  let at: { epoch: number; pos: number } | undefined;
  for (let after: string | null | undefined; after !== null; ) {
    const page = await askAgain(bus, questions[side].rows, {
      ...asked,
      buckets: [...asked.buckets],
      after: after ?? null,
    });
    for (const row of page.rows) rows.set(row.key, row);
    // Of the manager the first page is the oldest, of the record the last one is the newest that must have been applied.
    at = at === undefined || side === "operations" ? { epoch: page.epoch, pos: page.pos } : at;
    after = page.next;
  }
  return { ...(at ?? { epoch: 0, pos: 0 }), rows };
};

/** Adds up what some buckets hold, and gives those of which something else was kept. */
export const recountBuckets = (
  bus: Bus,
  side: SideName,
  { site, entity, buckets }: { site: string; entity: AuditEntity; buckets: readonly number[] },
) => askAgain(bus, questions[side].recount, { site, entity, buckets: [...buckets] });

/** Waits until the manager has applied a position; false when it does not in time. */
export const untilApplied = async (
  bus: Bus,
  site: string,
  { epoch, pos }: { readonly epoch: number; readonly pos: number },
  { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
): Promise<boolean> => {
  const giveUpAtMs = performance.now() + withinMs;
  for (;;) {
    // A barrier that nobody placed: only the position of the answer matters.
    const at = await ask(bus, AskManagerAudit.barrier, { site, barrier: newId() }, { timeoutMs }).catch(
      (error: unknown) => {
        if (error instanceof Fault && error.retryable) return undefined;
        throw error;
      },
    );
    if (at !== undefined && at.epoch === epoch && at.pos >= pos) return true;
    if (performance.now() > giveUpAtMs) return false;
    await wait(pollMs, undefined, { signal });
  }
};
