import { type Bus, say } from "@tagwire/bus";
import { type LiveDelta, liveSubject, type RfidproRun } from "@tagwire/messages";
import { rowOf } from "../store/live-rows.ts";

/** Positions of the view are counted by the site's own row, which is never restored behind its own back. */
export const liveEpoch = 1;

/** Says on `live.<site>.rfidpro` how a run is now. Said once: who misses a message sees the gap in the positions and asks again. */
export const sayRun = (bus: Bus, run: RfidproRun, pos: number): void => {
  if (!bus.isConnected()) return;
  const { key, version, ...put } = rowOf(run, pos);
  const delta: LiveDelta = {
    ...{ site: run.site, epoch: liveEpoch, prev: pos - 1, pos, at: new Date().toISOString(), traces: [] },
    changes: [{ key, version, put }],
  };
  say(bus, liveSubject(run.site, "rfidpro"), delta);
};
