import { type Bus, say } from "@tagwire/bus";
import { type Finding, type FindingRow, type LiveDelta, liveSubject } from "@tagwire/messages";

/** Positions of the view are the lines of the site's chain, which is never restored behind its own back. */
export const liveEpoch = 1;

/** So many rows are in one message, far below what one may weigh: storms are folded, so that there are hardly ever more. */
const changesMax = 1_000;

export const rowOf = ({ evidence: _evidence, advice: _advice, key: about, ...row }: Finding): FindingRow => ({
  ...row,
  about,
});

/**
 * Says on `live.<site>.findings` how findings are now. Said once: who misses a message sees the gap in the positions and asks again. A
 * change of more than fits is said as a gap.
 */
export const sayFindings = (
  bus: Bus,
  {
    site,
    prev,
    pos,
    findings,
  }: {
    readonly site: string;
    readonly prev: number;
    readonly pos: number;
    readonly findings: readonly Finding[];
  },
): void => {
  if (!bus.isConnected()) return;
  const isMuch = findings.length > changesMax;
  const delta: LiveDelta = {
    ...{ site, epoch: liveEpoch, prev: isMuch ? pos : prev, pos },
    ...{ at: new Date().toISOString(), traces: [] },
    changes: isMuch
      ? []
      : findings.map((finding) => ({ key: finding.id, version: finding.version, put: rowOf(finding) })),
  };
  say(bus, liveSubject(site, "findings"), delta);
};
