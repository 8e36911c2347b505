import { type Bus, say } from "@tagwire/bus";
import {
  type LiveChange,
  type LiveDelta,
  liveSubject,
  type Reader,
  type ReaderId,
  type SiteId,
} from "@tagwire/messages";

/** Versions are `epoch × this + pos`: they rise over restarts, since each owner of a partition has a higher epoch. */
const positionsPerEpoch = 1_000_000_000;
/** So many rows one message carries at most; it stays far below the server's payload limit. */
const changesPerMessageMax = 100;

export type SiteView = {
  readonly position: () => { readonly epoch: number; readonly pos: number };
  /** The version under which a reader was shown last. */
  readonly versionOf: (id: ReaderId) => number;
  /** Shows the readers as they are now, each under a new version. */
  readonly show: (
    ids: readonly ReaderId[],
    viewOf: (id: ReaderId, version: number) => Reader | undefined,
  ) => void;
};

/**
 * The live view `readers` of one site: whole rows, under positions of its own. `epoch` is the fencing token of the site's
 * partition and rises with every owner, so a listener of the former one knows that its position says nothing here.
 */
export const createSiteView = (bus: Bus, site: SiteId, epoch: number): SiteView => {
  let pos = 0;
  const versions = new Map<ReaderId, number>();
  const versionAt = (at: number) => epoch * positionsPerEpoch + at;

  const publish = (changes: readonly LiveChange[]) => {
    const delta: LiveDelta = {
      site,
      epoch,
      prev: pos,
      pos: pos + 1,
      at: new Date().toISOString(),
      traces: [],
      changes,
    };
    pos += 1;
    // At most once: a listener that misses one sees the gap and asks for the whole.
    if (bus.isConnected()) say(bus, liveSubject(site, "readers"), delta);
  };

  return {
    position: () => ({ epoch, pos }),
    versionOf: (id) => versions.get(id) ?? versionAt(0),
    show: (ids, viewOf) => {
      for (let start = 0; start < ids.length; start += changesPerMessageMax) {
        const version = versionAt(pos + 1);
        const changes = ids.slice(start, start + changesPerMessageMax).map((id): LiveChange => {
          const put = viewOf(id, version);
          if (put === undefined) versions.delete(id);
          else versions.set(id, version);
          return put === undefined ? { key: id, version, del: true } : { key: id, version, put };
        });
        publish(changes);
      }
    },
  };
};
