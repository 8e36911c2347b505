import { type ChannelKind, newId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { inTransaction, type Sql } from "@tagwire/store";
import { heldAgainUntilMs } from "../actors/quiet-hours.ts";
import { mailConnectionsMax } from "../drivers/mail.ts";
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

/**
 * Lines that are taken at once, and sent side by side, by the roads that they go. A mail server that hangs holds each of its connections
 * for a while: mails have a road of their own, so that nobody else waits for it, and no more of them wait than are on their way.
 */
const roads: readonly { readonly channels: readonly ChannelKind[]; readonly claimedMax: number }[] = [
  { channels: ["in_app", "push"], claimedMax: 20 },
  { channels: ["email"], claimedMax: mailConnectionsMax },
];
type Road = (typeof roads)[number];
const everyMs = 500;

export type DeliverOptions = {
  readonly sql: Sql;
  readonly messenger: Messenger;
  /** Where people open the page, for links to it. */
  readonly page?: string | undefined;
  readonly committed: (turns: CommittedTurns) => void;
  readonly meters: Pick<AlertMeters, "notified">;
  readonly log: Logger;
};

const sendOut = async (
  { sql, messenger, page, meters, log }: DeliverOptions,
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
  const messages = await messagesOf(sql, own, page);
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
 * One round on one road: what is due in quiet hours is held back, what was held back and is due is let go of, what is to be sent is taken
 * and sent. Each line is sent at least once, under its own id. Gives how many were taken.
 */
const deliverOn = async (
  { channels, claimedMax: limit }: Road,
  options: DeliverOptions & { readonly lease: NoticesLease },
  nowMs: number,
): Promise<number> => {
  const { sql, lease, committed, meters } = options;
  const lines = await inTransaction(sql, async (transaction) => {
    await lease.hold(transaction);
    await holdQuiet(transaction, { nowMs, channels }, (quiet, timeZone) =>
      heldAgainUntilMs(quiet, timeZone, nowMs),
    );
    await releaseNotifications(transaction, { nowMs, channels, newId });
    return claimNotifications(transaction, { nowMs, limit, retryMs, channels });
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

/** One round on every road. Gives how many lines were taken. */
export const deliverOnce = async (
  options: DeliverOptions & { readonly lease: NoticesLease },
  nowMs: number,
): Promise<number> => {
  let taken = 0;
  for (const road of roads) taken += await deliverOn(road, options, nowMs);
  return taken;
};

/** Tells people what the ledger says they are to be told, for as long as this process leads. */
export const deliverNotifications =
  (options: DeliverOptions): Work =>
  (lease) => {
    const going = roads.map((road) =>
      repeat(
        async (isStopping) => {
          while (
            !isStopping() &&
            (await deliverOn(road, { ...options, lease }, Date.now())) === road.claimedMax
          );
        },
        { everyMs, failed: (err) => options.log.error({ err }, "notifications not delivered") },
      ),
    );
    return {
      stop: async () => {
        await Promise.all(going.map(({ stop }) => stop()));
      },
    };
  };
