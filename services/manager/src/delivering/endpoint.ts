import { supervise } from "@tagwire/actor";
import type { Bus } from "@tagwire/bus";
import { Fault } from "@tagwire/messages";
import { inTransaction } from "@tagwire/store";
import { isWanted } from "../actors/webhook-message.ts";
import { alertsEpoch, type Head, listHeads, skipDeliveries } from "../store/webhook-deliveries.ts";
import { countWaiting, findStanding, lockWebhook, type Standing, waitingRowsMax } from "../store/webhooks.ts";
import { createBell } from "./bell.ts";
import { createHeadQueue } from "./head-queue.ts";
import { makeCanary } from "./make-canary.ts";
import { readAlerts } from "./read-alerts.ts";
import { readMore } from "./read-more.ts";
import { openSender, type SendOptions } from "./send.ts";

/** So many events of an endpoint are on their way at once, each of another key. */
export const concurrentMax = 8;
/** How long what is on its way may still arrive when we stop, in ms. What does not is sent again by whoever comes next. */
const graceMs = 1_500;
const backoff = { firstMs: 100, maxMs: 10_000, resetAfterMs: 10_000 };

export type EndpointOptions = SendOptions & { readonly bus: Bus };

export type Endpoint = {
  /** Says that something may have changed: the log has grown, an alert has moved, or a person has decided something. */
  readonly wake: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * Serves one endpoint until stopped: reads the log, and what is told of alerts, behind its cursors, and sends the first event of each key that is due.
 *
 * An event that fails keeps back those of its own key and no others. When so much waits that the ledger is full, nothing more is
 * read until some of it is over, so a receiver that is away costs a bounded amount of rows.
 */
export const serveEndpoint = (id: string, options: EndpointOptions): Endpoint => {
  const { bus, sql, lease, pace, log } = options;
  const sender = openSender(id, options);
  const bell = createBell();
  const cut = new AbortController();
  /** What is on its way, by key. */
  const busy = new Map<string, Promise<void>>();
  let mayBeMore = true;

  const under = (work: Promise<void>, done: () => void): Promise<void> =>
    work
      .catch((err: unknown) => {
        if (!cut.signal.aborted) log.warn({ err, webhook: id }, "webhook attempt not written down");
      })
      .finally(() => {
        done();
        bell.ring();
      });

  const dispatch = (heads: readonly Head[], standing: Standing) => {
    for (const head of heads) {
      const work = sender.deliver(head, standing, cut.signal);
      busy.set(
        head.key,
        under(work, () => busy.delete(head.key)),
      );
    }
  };

  const skip = (heads: readonly Head[]) =>
    inTransaction(sql, async (transaction) => {
      await lease.hold(transaction);
      await lockWebhook(transaction, id);
      await skipDeliveries(
        transaction,
        id,
        heads.map(({ message }) => message),
      );
    });

  const queue = createHeadQueue((limit) => listHeads(sql, id, { busyKeys: [...busy.keys()], limit }));

  /** Sends what is due. Gives how long there is nothing more to do, in ms. */
  const sendDue = async (standing: Standing): Promise<number> => {
    const slots = concurrentMax - busy.size;
    if (slots <= 0) return pace.napMsMax;
    const heads = await queue.take(slots, standing.version);
    // What is told of alerts is wanted by the rule that names the endpoint, and a canary proves whatever it wants.
    const isHeadWanted = ({ epoch, type }: Head) => epoch === alertsEpoch || isWanted(standing.types, type);
    const unwanted = heads.filter((head) => !isHeadWanted(head));
    if (unwanted.length > 0) await skip(unwanted);
    dispatch(heads.filter(isHeadWanted), standing);
    if (unwanted.length > 0) return 0;
    return busy.size < concurrentMax ? queue.idleMs() : pace.napMsMax;
  };

  /** Reads on while there is room. While operations is away, what is in the ledger is sent all the same. */
  const read = async (standing: Standing): Promise<boolean> => {
    if (!mayBeMore || (await countWaiting(sql, id)) >= waitingRowsMax) return false;
    // Taken back before we look: whoever wakes us while we look says that there is something that we may not have seen.
    mayBeMore = false;
    try {
      const isTold = await readAlerts(id, standing, { sql, lease });
      const isLogged = await readMore(id, standing, { bus, sql, lease }).catch((error: unknown) => {
        if (!(error instanceof Fault) || error.code === "lease.lost") throw error;
        log.warn({ err: error, webhook: id }, "log not read for a webhook");
        return false;
      });
      if (isTold || isLogged) mayBeMore = true;
    } catch (error) {
      mayBeMore = true;
      throw error;
    }
    return mayBeMore;
  };

  /** One look at everything. Gives how long to nap, in ms. */
  const round = async (): Promise<number> => {
    const standing = await findStanding(sql, id);
    if (standing === undefined || !standing.isEnabled) return pace.napMsMax;
    const isReading = await read(standing);
    if (standing.canaryInMs <= 0) await makeCanary(id, standing, { sql, lease, everyMs: pace.canaryEveryMs });
    const isThrottled = standing.throttledForMs > 0;
    const idleMs = isThrottled ? standing.throttledForMs : await sendDue(standing);
    return isReading ? 0 : Math.min(idleMs, pace.napMsMax);
  };

  const running = supervise({
    name: `webhook ${id}`,
    run: async (signal) => {
      signal.addEventListener("abort", bell.ring, { once: true });
      while (!signal.aborted) {
        const idleMs = await round();
        if (signal.aborted) return;
        // What says that the log has grown may have been lost, so when nothing woke us we look all the same.
        if (!(await bell.nap(idleMs))) mayBeMore = true;
      }
    },
    backoff,
    log,
  });

  return {
    wake: () => {
      mayBeMore = true;
      bell.ring();
    },
    stop: async () => {
      await running.stop();
      const all = Promise.all(busy.values());
      const timer = setTimeout(() => cut.abort(new Error("stopped")), graceMs);
      await all;
      clearTimeout(timer);
    },
  };
};
