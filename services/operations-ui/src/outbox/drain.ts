import type { Receipt } from "@tagwire/messages";
import type { Answer, Refusal } from "../api/http.ts";
import { kindOf } from "../lane/kinds.ts";
import { stateInLane } from "../lane/progress.ts";
import type { Command } from "./command.ts";
import { answered, failed, halved, type Pace, pauseMs } from "./pace.ts";

/** A scan that alone fails so often, while its neighbour gets through, waits for a person. */
export const triesMax = 8;

export type DrainWorld = {
  /** The oldest that may go out now: of one site, under one name, at most `limit`, without the one that is set aside. */
  next(limit: number, aside: string | undefined): Promise<readonly Command[]>;
  post(commands: readonly Command[]): Promise<Answer<readonly Receipt[]>>;
  /** Stores what became of them. */
  keep(commands: readonly Command[]): Promise<void>;
  nowMs(): number;
  random(): number;
};

/** Why a drain ended. After `later` it is tried again in `delayMs`, by whichever page is there then. */
export type DrainEnd =
  | { readonly kind: "empty" }
  | { readonly kind: "needs_auth"; readonly trouble: Command["trouble"] }
  | { readonly kind: "later"; readonly delayMs: number };

/** What goes on from one drain to the next: the pace, and the one that is passed over to see whether its neighbour gets through. */
export type DrainMemory = {
  pace: Pace;
  aside?: Command | undefined;
  /** Its neighbour got through: it is asked for once more, and then waits for a person. */
  doubted?: string | undefined;
};

const stateAfter = (receipt: Receipt): Command["state"] =>
  kindOf(receipt) === undefined ? "done" : stateInLane({ receipt });

const troubleOf = ({ code, message }: Refusal): NonNullable<Command["trouble"]> => ({ code, message });

/** Nobody was there, or had time: that says nothing of what was sent. */
export const isAway = ({ status, code }: Refusal): boolean =>
  code === "unreachable" || status === 429 || status === 502 || status === 503;

/**
 * Sends what waits, oldest first, one request at a time, until nothing is left or it has to pause.
 *
 * A loss of the network parks nothing. What the server cannot take is found by halving: refused for what it is, it waits for a person at
 * once; failing without an answer, only when its neighbour gets through, since else it is the server that is ill.
 */
export const drain = async (world: DrainWorld, memory: DrainMemory): Promise<DrainEnd> => {
  const later = (askedMs = 0): DrainEnd => {
    memory.pace = failed(memory.pace);
    return { kind: "later", delayMs: pauseMs(memory.pace, askedMs, world.random()) };
  };

  const park = async (command: Command): Promise<void> =>
    world.keep([
      { ...command, state: "attention", trouble: command.trouble ?? { code: "server_error", message: "" } },
    ]);

  const onReceipts = async (batch: readonly Command[], receipts: readonly Receipt[]): Promise<number> => {
    const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]));
    const settled = batch.flatMap(({ trouble: _, ...command }): Command[] => {
      const receipt = byId.get(command.id);
      if (receipt === undefined) return [];
      return [{ ...command, state: stateAfter(receipt), receipt, answeredAtMs: world.nowMs() }];
    });
    await world.keep(settled);
    return settled.length;
  };

  const onFailure = async (batch: readonly Command[], refusal: Refusal): Promise<DrainEnd> => {
    const [only] = batch;
    const more = isAway(refusal) ? 0 : 1;
    const tried = batch.map((command) => ({
      ...{ ...command, tries: command.tries + more, trouble: troubleOf(refusal) },
    }));
    await world.keep(tried);
    if (isAway(refusal)) return later(refusal.retryAfterMs);
    memory.pace = halved(memory.pace, batch.length);
    if (batch.length > 1 || only === undefined) return later(refusal.retryAfterMs);
    if (memory.doubted === only.id) {
      memory.doubted = undefined;
      await park(tried[0] ?? only);
    } else if (memory.aside !== undefined) memory.aside = undefined;
    else if (only.tries + 1 >= triesMax) memory.aside = tried[0];
    return later(refusal.retryAfterMs);
  };

  for (;;) {
    const batch = await world.next(memory.pace.cap, memory.aside?.id);
    if (batch.length === 0) {
      if (memory.aside === undefined) return { kind: "empty" };
      const alone = memory.aside;
      memory.aside = undefined;
      // An error that the server itself tells is about what it was asked; silence may be about anything.
      if (alone.trouble?.code !== "internal") return later();
      await park(alone);
      continue;
    }
    const sentAtMs = world.nowMs();
    const answer = await world.post(batch);
    if (answer.kind === "signed_out") return { kind: "needs_auth", trouble: undefined };
    if (answer.kind === "refused") {
      const { refusal } = answer;
      if (refusal.status === 403) return { kind: "needs_auth", trouble: troubleOf(refusal) };
      if (refusal.retryable) return onFailure(batch, refusal);
      if (batch.length > 1) memory.pace = halved(memory.pace, batch.length);
      else for (const command of batch) await park({ ...command, trouble: troubleOf(refusal) });
      continue;
    }
    // An answer that speaks of none of them would otherwise be asked for in a tight loop.
    if ((await onReceipts(batch, answer.value)) === 0) return later();
    memory.pace = answered(memory.pace, { size: batch.length, tookMs: world.nowMs() - sentAtMs });
    memory.doubted = memory.aside?.id;
    memory.aside = undefined;
    if (memory.doubted !== undefined) memory.pace = { ...memory.pace, cap: 1 };
  }
};
