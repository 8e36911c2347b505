import { supervise } from "@tagwire/actor";
import { type Bus, hear } from "@tagwire/bus";
import type { Logger } from "@tagwire/service";
import { inTransaction, type Sql } from "@tagwire/store";
import type { ReceiverOptions } from "../drivers/receiver.ts";
import type { Work } from "../noticing/lead.ts";
import { forgetDeliveries, forgottenRowsMax } from "../store/webhook-deliveries.ts";
import { listEnabled, lockWebhook } from "../store/webhooks.ts";
import { createBell } from "./bell.ts";
import { type Endpoint, serveEndpoint } from "./endpoint.ts";
import type { WebhookMeters } from "./meters.ts";
import { type Pace, realPace } from "./pace.ts";

export type DeliveriesOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly receiver: Pick<ReceiverOptions, "networks" | "resolve">;
  readonly meters: WebhookMeters;
  readonly pace?: Pace;
  readonly log: Logger;
};

/** How often we look which endpoints there are: so long until a person's decision has its effect. */
const lookIntervalMs = 500;
const forgetIntervalMs = 600_000;

type Served = { readonly endpoint: Endpoint; readonly site: string; readonly version: number };

/** Delivers to every endpoint that is enabled, for as long as this process leads. */
export const deliverWebhooks =
  (options: DeliveriesOptions): Work =>
  (lease) => {
    const { bus, sql, log } = options;
    const pace = options.pace ?? realPace;
    const served = new Map<string, Served>();
    const heads = new Map<string, string>();
    const bell = createBell();
    let forgotAtMs = Number.NEGATIVE_INFINITY;

    const follow = async () => {
      const wanted = new Map((await listEnabled(sql)).map((row) => [row.id, row]));
      const ended = [...served].filter(([id]) => !wanted.has(id));
      for (const [id] of ended) served.delete(id);
      // Not waited for: one that still sends must not keep the others from being looked after.
      for (const [id, { endpoint }] of ended)
        endpoint.stop().catch((err: unknown) => log.error({ err, webhook: id }, "webhook not stopped"));
      for (const [id, { site, version }] of wanted) {
        const known = served.get(id);
        if (known === undefined)
          served.set(id, { endpoint: serveEndpoint(id, { ...options, pace, lease }), site, version });
        else if (known.version !== version) {
          served.set(id, { ...known, version });
          known.endpoint.wake();
        }
      }
    };

    const forget = async () => {
      if (performance.now() - forgotAtMs < forgetIntervalMs) return;
      const webhooks = await sql<{ id: string }[]>`select id from webhook`;
      for (const { id } of webhooks) {
        for (let taken = forgottenRowsMax; taken === forgottenRowsMax; )
          taken = await inTransaction(sql, async (transaction) => {
            await lease.hold(transaction);
            await lockWebhook(transaction, id);
            return forgetDeliveries(transaction, id);
          });
      }
      forgotAtMs = performance.now();
    };

    const wakeSite = (site: string) => {
      for (const one of served.values()) if (one.site === site) one.endpoint.wake();
    };
    const hearing = hear(bus, "head.*", (message) => {
      const site = message.subject.slice("head.".length);
      const { epoch, pos } = message.json<{ epoch: number; pos: number }>();
      const head = `${epoch}:${pos}`;
      if (heads.get(site) === head) return;
      heads.set(site, head);
      wakeSite(site);
    });

    // What the live view says was committed before it was said.
    const hearingAlerts = hear(bus, "live.*.alerts", ({ subject }) => wakeSite(subject.split(".")[1] ?? ""));

    const running = supervise({
      name: "webhooks",
      run: async (signal) => {
        signal.addEventListener("abort", bell.ring, { once: true });
        while (!signal.aborted) {
          await follow();
          await forget();
          await bell.nap(lookIntervalMs);
        }
      },
      log,
    });

    return {
      stop: async () => {
        await running.stop();
        await Promise.all([hearing.stop(), hearingAlerts.stop()]);
        await Promise.all([...served.values()].map(({ endpoint }) => endpoint.stop()));
      },
    };
  };
