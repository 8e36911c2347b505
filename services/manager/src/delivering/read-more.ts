import { ask, type Bus } from "@tagwire/bus";
import { AskEvents, Fault, type LoggedEvent, type Position } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { belongsTo, bodyOf, isWanted, keyOf, messageIdOf } from "../actors/webhook-message.ts";
import type { NoticesLease } from "../noticing/lead.ts";
import { insertDeliveries, settlePassed, type Waiting } from "../store/webhook-deliveries.ts";
import { moveCursor, type Standing } from "../store/webhooks.ts";

/** Events read at once; so many more than its bound can wait at an endpoint. */
export const pageEventsMax = 200;
const askTimeoutMs = 5_000;

type Page = { readonly epoch: number; readonly head: number; readonly events: readonly LoggedEvent[] };

const readPage = (bus: Bus, site: string, after: Position): Promise<Page> =>
  ask(
    bus,
    AskEvents,
    { site, epoch: after.epoch, after: after.pos, limit: pageEventsMax },
    { timeoutMs: askTimeoutMs },
  ).catch((error: unknown) => {
    // A site that has just been made and said nothing yet: nothing to read.
    if (error instanceof Fault && error.code === "site_unknown")
      return { epoch: after.epoch, head: after.pos, events: [] };
    throw error;
  });

/**
 * Where to read on. A log of another epoch is another history: it is read from its beginning, and what was delivered of it before
 * is known by the ids of its events, which stay.
 */
const startOf = (at: Position, { epoch, head }: Page): Position =>
  epoch === at.epoch && at.pos <= head ? at : { epoch, pos: 0 };

const waitingOf = (webhook: string, event: LoggedEvent): Waiting => ({
  message: messageIdOf(webhook, event.id),
  epoch: event.epoch,
  pos: event.pos,
  type: event.type,
  key: keyOf(event),
  within: belongsTo(event),
  payload: bodyOf(event),
});

export type ReadOptions = { readonly bus: Bus; readonly sql: Sql; readonly lease: NoticesLease };

/**
 * Reads a page of the log behind an endpoint's cursor and puts what it wants into the ledger, both in one transaction: so no event
 * is passed over, whatever happens to this process or to any stream. Says whether there is more to read.
 *
 * @throws Fault as operations said it, or because it did not answer; `lease.lost`.
 */
export const readMore = async (
  webhook: string,
  standing: Pick<Standing, "site" | "types" | "position">,
  { bus, sql, lease }: ReadOptions,
): Promise<boolean> => {
  const { site, types, position } = standing;
  const page = await readPage(bus, site, position);
  const from = startOf(position, page);
  const events = from === position ? page.events : [];
  const last = events.at(-1);
  const to = last === undefined ? from : { epoch: page.epoch, pos: last.pos };
  if (to.epoch === position.epoch && to.pos === position.pos) return false;

  await inTransaction(sql, async (transaction) => {
    await lease.hold(transaction);
    // Somebody had it replayed from elsewhere meanwhile: then this page is not what comes next.
    if (!(await moveCursor(transaction, webhook, { from: position, to }))) return;
    const wanted = events.filter(({ type }) => isWanted(types, type));
    await insertDeliveries(
      transaction,
      webhook,
      wanted.map((event) => waitingOf(webhook, event)),
    );
    await settlePassed(transaction, webhook, { from, to });
  });
  return from !== position || to.pos < page.head;
};
