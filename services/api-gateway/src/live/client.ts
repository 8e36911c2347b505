import { Fault, type FaultCode, type LiveFrame, positionText, tickIntervalMs } from "@tagwire/messages";
import type { KnownSites } from "../edge/known-sites.ts";
import { type Connection, subscriptionsMax } from "./connection.ts";
import type { Wanted } from "./following.ts";
import type { Hub } from "./hub.ts";
import { proofMsMax } from "./proof.ts";
import type { Acknowledged } from "./request.ts";
import type { Found } from "./seekers.ts";
import { type Subscription, subscribe } from "./subscription.ts";

/** How often it is looked whether there is something to tell before the next tick is due, in ms. */
const lookIntervalMs = 1_000;

/** One client's subscriptions and the tick that proves that the line is alive. */
export type Client = {
  /** Follows a view, in the place of whatever had its id before. */
  readonly sub: (wanted: Wanted) => void;
  /** Looks for tags, in the place of whatever had its id before. */
  readonly find: (sought: Sought) => void;
  readonly unsub: (id: string) => void;
  readonly ack: (at: Acknowledged, id: string | undefined) => void;
  /** Ends every subscription, telling the client why. */
  readonly resetAll: (reason: "auth") => void;
  readonly close: () => void;
};

export type Sought = { readonly id: string; readonly site: string; readonly tags: readonly string[] };

export const openClient = (
  { hub, sites }: { hub: Hub; sites: Pick<KnownSites, "check"> },
  connection: Connection,
): Client => {
  const subscriptions = new Map<string, Subscription>();
  /** What is looked for, and the way to stop it; until the site is known to be there, nothing. */
  const searches = new Map<string, () => void>();
  const openedAtMs = Date.now();
  let told = "";
  let toldAtMs = performance.now();

  /** The subscriptions that may lack something, and when they were last known not to. */
  const findStale = (): Record<string, string> => {
    const stale: Record<string, string> = {};
    for (const [id, { wanted }] of subscriptions) {
      const provenAtMs = hub.proof.provenAtMs(wanted.site, wanted.view) ?? openedAtMs;
      if (Date.now() - provenAtMs > proofMsMax(wanted.view)) stale[id] = new Date(provenAtMs).toISOString();
    }
    return stale;
  };

  const look = setInterval(() => {
    const stale = findStale();
    const names = Object.keys(stale).join();
    if (names === told && performance.now() - toldAtMs < tickIntervalMs) return;
    // It proves nothing to who does not read, and would pile up.
    if (!connection.hasRoom()) return;
    told = names;
    toldAtMs = performance.now();
    const followed = new Set([...subscriptions.values()].map(({ wanted }) => wanted.site));
    const heads: Record<string, string> = {};
    for (const site of followed) {
      const head = hub.headOf(site);
      if (head !== undefined) heads[site] = positionText(head);
    }
    const frame: LiveFrame = { op: "tick", now: new Date().toISOString(), heads };
    connection.send(names === "" ? frame : { ...frame, stale });
  }, lookIntervalMs);

  const endSearch = (id: string) => {
    searches.get(id)?.();
    searches.delete(id);
  };
  const unsub = (id: string) => {
    subscriptions.get(id)?.stop();
    endSearch(id);
  };
  const isFull = () => subscriptions.size + searches.size >= subscriptionsMax;
  const refuseMore = (id: string) =>
    refuse(id, "overloaded", `at most ${subscriptionsMax} subscriptions on one connection`);
  const refuse = (id: string, code: FaultCode, message: string) => {
    subscriptions.delete(id);
    connection.refuse(id, { code, message });
  };

  /** Holds the id's place until it is known that there is such a site: a channel is not opened for a name that somebody made up. */
  const begin = async (wanted: Wanted, place: Subscription) => {
    const { id, site, view } = wanted;
    const unknown = await whyUnknown(site);
    if (subscriptions.get(id) !== place) return;
    if (unknown !== undefined) return refuse(id, unknown.code, unknown.advice);
    const channel = hub.channel(site, view);
    if (channel === undefined) return refuse(id, "overloaded", "too many views are followed");
    const forget = () => {
      if (subscriptions.get(id) === subscription) subscriptions.delete(id);
    };
    const subscription: Subscription = subscribe(hub, { channel, connection }, wanted, () => forget());
    subscriptions.set(id, subscription);
  };

  const search = async ({ id, site, tags }: Sought, place: () => void) => {
    const unknown = await whyUnknown(site);
    if (searches.get(id) !== place) return;
    const found: Found = (reads, reading) => {
      // The next one is as good, and newer.
      if (connection.hasRoom())
        connection.send({ op: "found", id, at: new Date().toISOString(), reading, reads: [...reads] });
    };
    try {
      if (unknown !== undefined) throw unknown;
      searches.set(id, hub.seekers.seek(site, tags, found));
    } catch (error) {
      searches.delete(id);
      if (!(error instanceof Fault)) throw error;
      refuse(id, error.code, error.detail === "" ? error.advice : error.detail);
    }
  };

  const whyUnknown = async (site: string): Promise<Fault | undefined> => {
    try {
      await sites.check(site);
    } catch (error) {
      if (error instanceof Fault && error.code === "site_unknown") return error;
      // Whoever knows the sites is away; the owner of the view may be there, and will say whether it knows this one.
      hub.bus.log.debug({ err: error, site }, "site not looked up");
    }
    return undefined;
  };

  return {
    unsub,
    sub: (wanted) => {
      const { id } = wanted;
      unsub(id);
      if (isFull()) return refuseMore(id);
      const place: Subscription = { wanted, ack: () => {}, stop: () => subscriptions.delete(id) };
      subscriptions.set(id, place);
      void begin(wanted, place);
    },
    find: (sought) => {
      unsub(sought.id);
      if (isFull()) return refuseMore(sought.id);
      const place = () => {};
      searches.set(sought.id, place);
      void search(sought, place);
    },
    ack: (at, id) => {
      for (const [name, subscription] of subscriptions)
        if (id === undefined || id === name) subscription.ack(at);
    },
    resetAll: (reason) => {
      for (const id of [...subscriptions.keys(), ...searches.keys()]) {
        unsub(id);
        connection.reset(id, reason);
      }
    },
    close: () => {
      clearInterval(look);
      for (const subscription of [...subscriptions.values()]) subscription.stop();
      for (const id of [...searches.keys()]) endSearch(id);
      connection.close();
    },
  };
};
