import { Fault, isFaultCode } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Words } from "../actors/alert-words.ts";
import type { Mailer } from "../drivers/mail.ts";
import type { Pusher } from "../drivers/push.ts";
import type { ClaimedNotification, Sent } from "../store/notifications.ts";
import { dropSubscription, findTarget } from "../store/push-subscriptions.ts";

/** A line is tried so often, the last time about two hours after the first. */
export const attemptsMax = 9;
const retryFirstMs = 60_000;
const retryMsMax = 1_800_000;

/** How long after a try the next one may follow, in ms; longer than a try takes, so that nobody who takes over sends it besides. */
export const retryMs = (attempts: number): number => Math.min(retryMsMax, retryFirstMs * 2 ** (attempts - 1));

/** What is told, to whom, and what it is about. */
export type Message = {
  readonly line: ClaimedNotification;
  readonly words: Words;
  readonly severity: string;
  /** The alerts that it is about. */
  readonly alerts: readonly string[];
};

export type Messenger = (message: Message) => Promise<Sent>;

/** Where messages leave the house. What is not set up sends nothing, and the ledger says so. */
export type Ways = { readonly mailer: Mailer | undefined; readonly pusher: Pusher; readonly sql: Sql };

const pushTo = async ({ pusher, sql }: Ways, { line, words, severity, alerts }: Message): Promise<void> => {
  const target = await findTarget(sql, line.address);
  if (target === undefined) throw new Fault("push.gone", "");
  const { id, site, what } = line;
  const [alert = null] = alerts.length === 1 ? alerts : [];
  try {
    await pusher({ target, payload: { id, site, what, alert, severity, ...words }, topic: alert ?? id });
  } catch (error) {
    if (error instanceof Fault && error.code === "push.gone") await dropSubscription(sql, line.address);
    throw error;
  }
};

const mailTo = async ({ mailer }: Ways, { line, words }: Message): Promise<void> => {
  if (mailer === undefined) throw new Fault("mail.unset", "");
  await mailer.send({ id: line.id, to: line.address, words });
};

/** Tries once to tell somebody, and gives what the ledger is to say of it. A test is not tried again. */
export const openMessenger =
  (ways: Ways): Messenger =>
  async (message) => {
    const { line } = message;
    try {
      await (line.channel === "email" ? mailTo(ways, message) : pushTo(ways, message));
      return { id: line.id, state: "sent", why: null };
    } catch (error) {
      const fault = error instanceof Fault ? error : undefined;
      const why = isFaultCode(fault?.code) ? fault?.code : "internal";
      const isOver = fault?.retryable === false || line.attempts >= attemptsMax || line.what === "test";
      return { id: line.id, state: isOver ? "failed" : "pending", why: why ?? "internal" };
    }
  };
