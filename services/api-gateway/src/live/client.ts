import { Fault, type LiveFrame, positionText, tickIntervalMs } from "@tagwire/messages";
import type { Connection } from "./connection.ts";
import type { Wanted } from "./following.ts";
import type { Hub } from "./hub.ts";
import { type Subscription, subscribe } from "./subscription.ts";

/** Views that one connection may follow at once. */
export const subscriptionsMax = 32;

/** One client's subscriptions and the tick that proves that the line is alive. */
export type Client = {
  /** @throws Fault `overloaded` when there is no room for another view. */
  readonly sub: (wanted: Wanted) => void;
  readonly unsub: (id: string) => void;
  readonly ack: (pos: number, id: string | undefined) => void;
  /** Ends every subscription, telling the client why. */
  readonly resetAll: (reason: "auth") => void;
  readonly close: () => void;
};

export const openClient = (hub: Hub, connection: Connection): Client => {
  const subscriptions = new Map<string, Subscription>();

  const tick = setInterval(() => {
    const sites = new Set([...subscriptions.values()].map(({ wanted }) => wanted.site));
    const heads: Record<string, string> = {};
    for (const site of sites) {
      const head = hub.headOf(site);
      if (head !== undefined) heads[site] = positionText(head);
    }
    const frame: LiveFrame = { op: "tick", now: new Date().toISOString(), heads };
    connection.send(frame);
  }, tickIntervalMs);

  const unsub = (id: string) => subscriptions.get(id)?.stop();

  return {
    unsub,
    sub: (wanted) => {
      unsub(wanted.id);
      if (subscriptions.size >= subscriptionsMax)
        throw new Fault("overloaded", `at most ${subscriptionsMax} subscriptions on one connection`);
      const channel = hub.channel(wanted.site, wanted.view);
      if (channel === undefined) throw new Fault("overloaded", "too many views are followed");
      const forget = () => {
        if (subscriptions.get(wanted.id) === subscription) subscriptions.delete(wanted.id);
      };
      const subscription: Subscription = subscribe(hub, { channel, connection }, wanted, () => forget());
      subscriptions.set(wanted.id, subscription);
    },
    ack: (pos, id) => {
      for (const [name, subscription] of subscriptions)
        if (id === undefined || id === name) subscription.ack(pos);
    },
    resetAll: (reason) => {
      for (const id of [...subscriptions.keys()]) {
        unsub(id);
        connection.reset(id, reason);
      }
    },
    close: () => {
      clearInterval(tick);
      for (const subscription of [...subscriptions.values()]) subscription.stop();
      connection.close();
    },
  };
};
