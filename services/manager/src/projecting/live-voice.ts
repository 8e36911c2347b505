import { type Bus, say } from "@tagwire/bus";
import { type BoardView, boardViews, liveSubject } from "@tagwire/messages";
import { type LiveRun, liveMessages, type PlacedChange } from "../actors/live-messages.ts";
import type { AppliedSite } from "./batch.ts";

export type LiveVoice = {
  /** Says what a committed batch did to a site. `traces` are the contexts that whoever shows it continues. */
  readonly tell: (applied: AppliedSite, traces: readonly string[]) => void;
  /** Passes over what a committed batch did to a site: whoever listens will see a gap. */
  readonly passOver: (applied: AppliedSite) => void;
  /** Begins the chain of messages of a site anew. */
  readonly forget: (site: string) => void;
};

type Last = { readonly epoch: number; readonly generation: string | undefined; readonly pos: number };

/**
 * Says changes on `live.<site>.<view>`, each message naming the one before it. Nothing is kept or repeated: who misses a
 * message sees a gap and asks for a snapshot, so a message that could not be sent still counts as the one before.
 */
export const createLiveVoice = (bus: Bus, said: (view: BoardView) => void): LiveVoice => {
  const lastOf = new Map<string, Last>();
  /** Where this voice began with a site: from there on, nothing of it went unsaid. */
  const begunAt = new Map<string, Last>();
  const isOf = (last: Last | undefined, { epoch, generation }: Pick<LiveRun, "epoch" | "generation">) =>
    last?.epoch === epoch && last.generation === generation;
  const key = (site: string, view: BoardView) => liveSubject(site, view);

  /** `run.prev` is where the voice began: what the first message of a chain follows, however much happened since in other views. */
  const sayView = (view: BoardView, run: LiveRun, changes: readonly PlacedChange[]) => {
    if (changes.length === 0) return;
    const last = lastOf.get(key(run.site, view));
    const prev = last !== undefined && isOf(last, run) ? last.pos : run.prev;
    lastOf.set(key(run.site, view), { epoch: run.epoch, generation: run.generation, pos: run.pos });
    for (const message of liveMessages({ ...run, prev }, changes)) {
      if (!bus.isConnected()) return;
      const [only] = run.traces.length === 1 ? run.traces : [];
      say(bus, liveSubject(run.site, view), message, only);
      said(view);
    }
  };

  return {
    tell: ({ site, generation, events, news }, traces) => {
      const first = events[0];
      const newest = events.at(-1);
      if (first === undefined || newest === undefined) return;
      const { epoch, pos, recordedAt: at } = newest;
      const known = begunAt.get(site);
      const begun =
        known !== undefined && isOf(known, { epoch, generation })
          ? known
          : { epoch, generation, pos: first.pos - 1 };
      begunAt.set(site, begun);
      const run: LiveRun = { site, epoch, generation, prev: begun.pos, pos, at, traces };
      const changes = news();
      for (const view of boardViews) sayView(view, run, changes[view] ?? []);
    },
    passOver: ({ site, generation, events }) => {
      const newest = events.at(-1);
      if (newest === undefined) return;
      const { epoch, pos } = newest;
      for (const view of boardViews) lastOf.set(key(site, view), { epoch, generation, pos });
    },
    forget: (site) => {
      begunAt.delete(site);
      for (const view of boardViews) lastOf.delete(key(site, view));
    },
  };
};
