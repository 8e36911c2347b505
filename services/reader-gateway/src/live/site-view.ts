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
/** One message carries rows up to this many bytes, a quarter of the server's payload limit. A row itself is far smaller. */
const changesBytesMax = 256 * 1024;

type ViewOf = (id: ReaderId, version: number) => Reader | undefined;

export type SiteView = {
  readonly position: () => { readonly epoch: number; readonly pos: number };
  /** The version under which a reader was shown last. */
  readonly versionOf: (id: ReaderId) => number;
  /** Shows the readers as they are now, each under a new version. */
  readonly show: (ids: readonly ReaderId[], viewOf: ViewOf) => void;
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
    if (!bus.isConnected()) return;
    // At most once: a listener that misses one sees the gap and asks for the whole. So a failure here is nobody's but the view's;
    // thrown, it would end the connection of the reader that is shown, or the process.
    try {
      say(bus, liveSubject(site, "readers"), delta);
    } catch (err) {
      bus.log.error({ err, site, changes: changes.length }, "readers not shown");
    }
  };

  const changeOf = (id: ReaderId, viewOf: ViewOf): LiveChange => {
    const version = versionAt(pos + 1);
    const put = viewOf(id, version);
    if (put === undefined) versions.delete(id);
    else versions.set(id, version);
    return put === undefined ? { key: id, version, del: true } : { key: id, version, put };
  };

  return {
    position: () => ({ epoch, pos }),
    versionOf: (id) => versions.get(id) ?? versionAt(0),
    show: (ids, viewOf) => {
      let changes: LiveChange[] = [];
      let bytes = 0;
      for (const id of ids) {
        let change = changeOf(id, viewOf);
        const changeBytes = Buffer.byteLength(JSON.stringify(change));
        if (changes.length > 0 && bytes + changeBytes > changesBytesMax) {
          publish(changes);
          changes = [];
          bytes = 0;
          // Its version is that of the message it goes with.
          change = changeOf(id, viewOf);
        }
        changes.push(change);
        bytes += changeBytes;
      }
      if (changes.length > 0) publish(changes);
    },
  };
};
