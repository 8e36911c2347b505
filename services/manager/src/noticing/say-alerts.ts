import { type Bus, say } from "@tagwire/bus";
import { type Alert, type LiveChange, type LiveDelta, liveSubject } from "@tagwire/messages";
import { alertsEpoch } from "../store/alert-sites.ts";
import type { CommittedTurns } from "./commit-turns.ts";

const changeOf = (alert: Alert): LiveChange =>
  alert.state === "resolved"
    ? { key: alert.id, version: alert.version, del: true }
    : { key: alert.id, version: alert.version, put: alert };

/**
 * Says on `live.<site>.alerts` what was committed: open alerts as whole rows, resolved ones as gone. Said once; who misses a
 * message sees the gap in the positions and asks for a snapshot.
 */
export const sayAlerts = (bus: Bus, { site, pos, alerts }: CommittedTurns, nowMs: number): void => {
  if (!bus.isConnected()) return;
  const delta: LiveDelta = {
    ...{ site: site.site, epoch: alertsEpoch, generation: site.generation, prev: pos - 1, pos },
    ...{ at: new Date(nowMs).toISOString(), traces: [], changes: alerts.map(changeOf) },
  };
  say(bus, liveSubject(site.site, "alerts"), delta);
};
