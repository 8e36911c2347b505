import { type Bus, hear } from "@tagwire/bus";
import {
  type Head,
  type LiveView,
  liveViewOf,
  liveViews,
  type Position,
  resetReasons,
} from "@tagwire/messages";
import { meter } from "@tagwire/service";
import { type Budget, openBudget } from "./budget.ts";
import { type Build, type Channel, openChannel } from "./channel.ts";
import { type FanOuts, openFanOuts } from "./fan-out.ts";
import { openPace, type Pace } from "./pace.ts";
import { openProof, type Proof } from "./proof.ts";
import { openRings } from "./ring.ts";
import { openScreenLags, type ScreenLags } from "./screen-lags.ts";
import { openSeekers, type Seekers } from "./seekers.ts";
import { openSnapshots, type Snapshots } from "./snapshots.ts";
import { openTailWatch } from "./tail-watch.ts";

/** A channel that nobody follows is heard this much longer, so that whoever reconnects can resume from memory, in ms. */
export const lingerMs = 5 * 60_000;
/** Sites times views that are heard at once. */
export const channelsMax = 2_000;
/** Rows of one snapshot: more than anybody looks at, and than a browser holds. */
export const snapshotRowsMax = 250_000;

export type Hub = {
  readonly bus: Bus;
  readonly snapshots: Snapshots;
  readonly snapshotRowsMax: number;
  readonly budget: Budget;
  readonly fanOuts: FanOuts;
  /** The channel of a view, heard from now on at the latest. Undefined when {@link channelsMax} are open and followed. */
  readonly channel: (site: string, view: LiveView) => Channel | undefined;
  /** Tells the channels what a page of a view, asked for after they began to hear, says of the position. */
  readonly observe: (of: { readonly site: string; readonly view: LiveView }, read: Build & Position) => void;
  /** When what was said of a view was last known to be all there is. */
  readonly proof: Pick<Proof, "provenAtMs">;
  /** Stops hearing what nobody follows of a site, because there is no such site. */
  readonly forget: (site: string) => void;
  /** Newest positions of all sites, as their owners say once a second. */
  readonly headOf: (site: string) => Position | undefined;
  /** Calls back whenever a site's position moved; gives the way to stop. */
  readonly onHead: (site: string, listen: (position: Position) => void) => () => void;
  readonly metrics: LiveMetrics;
  /** Whoever looks for tags by how loud they are. */
  readonly seekers: Seekers;
  /** How long it takes from the record to the screens that say when they showed it. */
  readonly screenLags: ScreenLags;
  readonly close: () => Promise<void>;
};

export type LiveMetrics = {
  readonly connections: (change: number, transport: "websocket" | "sse") => void;
  readonly subscriptions: (change: number, view: LiveView) => void;
  readonly frames: (op: string) => void;
  readonly resets: (reason: string) => void;
  readonly resumes: (result: string) => void;
};

const openMetrics = () => {
  const connections = meter().createUpDownCounter("tagwire_live_connections", {
    description: "screens and programs that are connected, by transport",
  });
  const subscriptions = meter().createUpDownCounter("tagwire_live_subscriptions", {
    description: "subscriptions that are open, by view",
  });
  // Counted here and looked up when somebody asks: there may be tens of thousands in a second.
  const frames = new Map<string, number>();
  meter()
    .createObservableCounter("tagwire_live_frames", { description: "frames sent, by what they are" })
    .addCallback((result) => {
      for (const [op, count] of frames) result.observe(count, { op });
    });
  const resets = meter().createCounter("tagwire_live_resets", {
    description: "subscriptions that were told to begin anew, by reason",
  });
  const resumes = meter().createCounter("tagwire_live_resumes", {
    description: "subscriptions that went on from a position, by how",
  });
  const gaps = meter().createCounter("tagwire_live_gaps", {
    description: "holes that were found in what the manager said, and healed",
  });
  const commitToSend = meter().createHistogram("tagwire_live_commit_to_send_seconds", {
    unit: "s",
    description: "from the record of a change to the frame that carries it",
    advice: {
      explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    },
  });
  const commitToScreen = meter().createHistogram("tagwire_live_commit_to_screen_seconds", {
    unit: "s",
    description: "from the record of a change to when a screen says that it showed it",
    advice: { explicitBucketBoundaries: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300] },
  });
  // What is first seen as 1 has not risen for whoever reads it: all begin at 0.
  gaps.add(0);
  for (const reason of resetReasons) resets.add(0, { reason });
  for (const result of ["memory", "log", "reset"]) resumes.add(0, { result });
  for (const transport of ["websocket", "sse"]) connections.add(0, { transport });
  const metrics: LiveMetrics = {
    connections: (change, transport) => connections.add(change, { transport }),
    subscriptions: (change, view) => subscriptions.add(change, { view }),
    frames: (op) => frames.set(op, (frames.get(op) ?? 0) + 1),
    resets: (reason) => resets.add(1, { reason }),
    resumes: (result) => resumes.add(1, { result }),
  };
  return {
    metrics,
    gap: () => gaps.add(1),
    sent: (seconds: number) => commitToSend.record(seconds),
    shown: (view: LiveView, seconds: number) => commitToScreen.record(seconds, { view }),
  };
};

/**
 * Hears each view of each site once, however many people look, and knows every site's newest position.
 */
export const openHub = (
  bus: Bus,
  limits: { readonly channelsMax: number; readonly snapshotRowsMax: number } = {
    channelsMax,
    snapshotRowsMax,
  },
  pace: Pace = openPace(),
): Hub => {
  const channels = new Map<string, Channel>();
  const rings = openRings();
  const unheardSinceMs = new Map<string, number>();
  const heads = new Map<string, Position>();
  const headListeners = new Map<string, Set<(position: Position) => void>>();
  const { metrics, gap, sent, shown } = openMetrics();
  const seekers = openSeekers(bus);

  const channelsOf = (site: string): Channel[] =>
    liveViews.flatMap((view) => channels.get(`${site}/${view}`) ?? []);
  /** The events of a site tell how far its other views have been said, so they are heard as long as anybody follows one of them. */
  const isInUse = ({ site, view, listeners }: Channel): boolean =>
    listeners() > 0 || (view === "events" && channelsOf(site).some((channel) => channel.listeners() > 0));
  const proof = openProof(channelsOf);
  const watchTail = openTailWatch(bus, channelsOf, { owned: proof.owned });
  const open = (site: string, view: LiveView): Channel | undefined => {
    const name = `${site}/${view}`;
    const known = channels.get(name);
    if (known !== undefined) return known;
    if (channels.size >= limits.channelsMax && !makeRoom(site)) return undefined;
    const opened = openChannel(bus, { site, view, ring: rings.open() }, { gap, sent });
    channels.set(name, opened);
    return opened;
  };

  const drop = (name: string, channel: Channel) => {
    channels.delete(name);
    unheardSinceMs.delete(name);
    channel.stop().catch((err: unknown) => bus.log.warn({ err, name }, "a view is still heard"));
  };
  /** Lets go of a channel that lingers: who may come back is worth less than who is here. */
  const makeRoom = (site: string): boolean => {
    for (const [name, channel] of channels) {
      if (channel.site === site || isInUse(channel)) continue;
      drop(name, channel);
      return true;
    }
    return false;
  };

  const heard = hear(bus, "head.*", (message) => {
    const site = message.subject.slice("head.".length);
    const { epoch, pos } = message.json<Head>();
    if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(pos)) return;
    heads.set(site, { epoch, pos });
    proof.head(site, { epoch, pos });
    watchTail(site, { epoch, pos });
    for (const listen of [...(headListeners.get(site) ?? [])]) listen({ epoch, pos });
  });

  const sweep = setInterval(() => {
    const nowMs = performance.now();
    for (const [name, channel] of channels) {
      if (isInUse(channel)) unheardSinceMs.delete(name);
      else if (!unheardSinceMs.has(name)) unheardSinceMs.set(name, nowMs);
      else if (nowMs - (unheardSinceMs.get(name) ?? nowMs) > lingerMs) drop(name, channel);
    }
  }, lingerMs / 10);
  sweep.unref();

  // While the connection was away things were said that we did not hear, and nothing else would tell us.
  const watch = async () => {
    for await (const status of bus.connection.status())
      if (status.type === "reconnect") for (const channel of channels.values()) channel.doubt();
  };
  watch().catch((err: unknown) => bus.log.error({ err }, "nats status ended"));

  return {
    bus,
    snapshots: openSnapshots(bus),
    snapshotRowsMax: limits.snapshotRowsMax,
    budget: openBudget(),
    fanOuts: openFanOuts(pace),
    metrics,
    seekers,
    screenLags: openScreenLags(Date.now, shown),
    channel: (site, view) => {
      // The events tell without a hole how far a site has been said, which the views made from them cannot.
      if (liveViewOf(view).clock === "site") open(site, "events");
      return open(site, view);
    },
    observe: ({ site, view }, read) => {
      channels.get(`${site}/${view}`)?.observe(read);
      if (liveViewOf(view).clock !== "site") proof.owned(site, view);
      else if (view !== "events") channels.get(`${site}/events`)?.observe(read);
    },
    proof,
    forget: (site) => {
      for (const channel of channelsOf(site)) if (!isInUse(channel)) drop(`${site}/${channel.view}`, channel);
    },
    headOf: (site) => heads.get(site),
    onHead: (site, listen) => {
      const listeners = headListeners.get(site) ?? new Set();
      headListeners.set(site, listeners.add(listen));
      return () => {
        listeners.delete(listen);
        if (listeners.size === 0) headListeners.delete(site);
      };
    },
    close: async () => {
      clearInterval(sweep);
      if (bus.connection.isClosed()) return;
      await Promise.all([
        heard.stop(),
        seekers.close(),
        ...[...channels.values()].map((channel) => channel.stop()),
      ]);
    },
  };
};
