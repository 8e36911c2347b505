import { newId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { inTransaction, type Sql } from "@tagwire/store";
import { heldAgainUntilMs } from "../actors/quiet-hours.ts";
import {
  type ClaimedNotification,
  claimNotifications,
  holdQuiet,
  noteSent,
  releaseNotifications,
} from "../store/notifications.ts";
import { callInApp } from "./call-in-app.ts";
import type { CommittedTurns } from "./commit-turns.ts";
import type { NoticesLease, Work } from "./lead.ts";
import { type Messenger, retryMs } from "./messenger.ts";
import type { AlertMeters } from "./meters.ts";
import { repeat } from "./repeat.ts";
import { messagesOf } from "./topics.ts";

/** Lines that are taken at once, and sent side by side. */
const claimedMax = 20;
const everyMs = 500;

export type DeliverOptions = {
  readonly sql: Sql;
  readonly messenger: Messenger;
  readonly committed: (turns: CommittedTurns) => void;
  readonly meters: Pick<AlertMeters, "notified">;
  readonly log: Logger;
};

const sendOut = async (
  { sql, messenger, meters, log }: DeliverOptions,
  lines: readonly ClaimedNotification[],
  nowMs: number,
): Promise<void> => {
  // Whoever tested a rule sent it then and there; a line that is found here was cut off, and nobody waits for it any more.
  const [tests, own] = [
    lines.filter(({ what }) => what === "test"),
    lines.filter(({ what }) => what !== "test"),
  ];
  await noteSent(
    sql,
    tests.map(({ id }) => ({ id, state: "failed", why: "outcome_unknown" })),
    nowMs,
  );
  const messages = await messagesOf(sql, own);
  const over = messages.filter(({ alerts }) => alerts.length === 0);
  await noteSent(
    sql,
    over.map(({ line }) => ({ id: line.id, state: "suppressed", why: "ended" })),
    nowMs,
  );
  await Promise.all(
    messages.map(async (message) => {
      if (message.alerts.length === 0) return;
      const { id, channel, attempts } = message.line;
      const sent = await messenger(message);
      await noteSent(sql, [sent], nowMs);
      const outcome = sent.state === "pending" ? "retry" : sent.state === "sent" ? "sent" : "failed";
      meters.notified(channel, outcome);
      if (outcome !== "sent") log.warn({ id, channel, attempts, code: sent.why, outcome }, "nobody was told");
    }),
  );
};

/**
 * One round: what is due in quiet hours is held back, what was held back and is due is let go of, what is to be sent is taken and sent. Each line is sent at least once, under
 * its own id. Gives how many were taken.
 */
export const deliverOnce = async (
  options: DeliverOptions & { readonly lease: NoticesLease },
  nowMs: number,
): Promise<number> => {
  const { sql, lease, committed, meters } = options;
  const lines = await inTransaction(sql, async (transaction) => {
    await lease.hold(transaction);
    await holdQuiet(transaction, nowMs, (quiet, timeZone) => heldAgainUntilMs(quiet, timeZone, nowMs));
    await releaseNotifications(transaction, { nowMs, newId });
    return claimNotifications(transaction, { nowMs, limit: claimedMax, retryMs });
  });
  const inApp = lines.filter(({ channel }) => channel === "in_app");
  for (const [site, own] of Map.groupBy(inApp, (line) => line.site)) {
    const turns = await inTransaction(sql, (transaction) =>
      callInApp(transaction, { site, lines: own, nowMs }),
    );
    if (turns !== undefined) committed(turns);
    for (const _ of own) meters.notified("in_app", "sent");
  }
  await sendOut(
    options,
    lines.filter(({ channel }) => channel !== "in_app"),
    nowMs,
  );
  return lines.length;
};

/** Tells people what the ledger says they are to be told, for as long as this process leads. */
export const deliverNotifications =
  (options: DeliverOptions): Work =>
  (lease) =>
    repeat(
      async (isStopping) => {
        while (!isStopping() && (await deliverOnce({ ...options, lease }, Date.now())) === claimedMax);
      },
      { everyMs, failed: (err) => options.log.error({ err }, "notifications not delivered") },
    );
