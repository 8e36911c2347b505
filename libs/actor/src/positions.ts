import type { LoggedEvent, Position } from "@tagwire/messages";

export type Applied = Position & { readonly hash: string };

const beginning: Applied = { epoch: 0, pos: 0, hash: "" };

export type Positions = {
  readonly of: (site: string) => Applied;
  readonly all: () => ReadonlyMap<string, Applied>;
  readonly set: (site: string, applied: Applied) => void;
  readonly replace: (all: Iterable<readonly [string, Applied]>) => void;
  /**
   * What of a run of events can be applied now, in order, and which sites have a hole before the next one.
   * A known position is a repeat and falls away; a broken chain counts as a hole, because the road changed something.
   */
  readonly sort: (events: readonly LoggedEvent[]) => { ready: LoggedEvent[]; holes: Set<string> };
  readonly behind: (heads: ReadonlyMap<string, Position>) => Set<string>;
  readonly lag: (heads: ReadonlyMap<string, Position>) => number;
};

const follows = (at: Applied, event: LoggedEvent): boolean =>
  event.epoch === at.epoch && event.pos === at.pos + 1 && (at.pos === 0 || event.prevHash === at.hash);

const isRepeat = (at: Applied, event: LoggedEvent): boolean =>
  event.epoch < at.epoch || (event.epoch === at.epoch && event.pos <= at.pos);

/** Where each site stands, and what that says of events that arrive. Pure memory; the applier moves it after commits. */
export const createPositions = (): Positions => {
  let positions = new Map<string, Applied>();
  const of = (site: string) => positions.get(site) ?? beginning;
  return {
    of,
    all: () => positions,
    set: (site, applied) => void positions.set(site, applied),
    replace: (all) => {
      positions = new Map(all);
    },
    sort: (events) => {
      const reached = new Map<string, Applied>();
      const holes = new Set<string>();
      const ready: LoggedEvent[] = [];
      for (const event of events) {
        if (holes.has(event.site)) continue;
        const at = reached.get(event.site) ?? of(event.site);
        if (isRepeat(at, event)) continue;
        if (!follows(at, event)) {
          holes.add(event.site);
          continue;
        }
        ready.push(event);
        reached.set(event.site, event);
      }
      return { ready, holes };
    },
    behind: (heads) =>
      new Set([...heads].filter(([site, head]) => isBehind(of(site), head)).map(([site]) => site)),
    lag: (heads) =>
      [...heads].reduce(
        (sum, [site, head]) => sum + (isBehind(of(site), head) ? distance(of(site), head) : 0),
        0,
      ),
  };
};

const isBehind = (at: Position, head: Position): boolean =>
  head.epoch !== at.epoch ? head.epoch > at.epoch : head.pos > at.pos;

const distance = (at: Position, head: Position): number =>
  head.epoch === at.epoch ? head.pos - at.pos : head.pos;
