import type { Observation } from "@tagwire/messages";
import type { Act } from "./act.ts";

/**
 * What a reader observed, as an act: a touch of the tag at its place, which becomes a scan of the session that is open at its station.
 * Its identity is the scan's, and what it says does not depend on sessions, so a repeat is a replay.
 */
export const observedAct = (
  observation: Observation,
  reader: string,
  receivedAt: string,
): Extract<Act, { kind: "scan" }> => {
  const { tag, place, antenna, reads, peakRssiDbm, firstHeardAt, lastHeardAt, traceparent } = observation;
  const { stray, station, tid, isIso } = observation;
  const id = observation.id.toLowerCase();
  return {
    kind: "scan",
    id,
    scan: { id, tag, type: "touch", scannedAt: lastHeardAt, ...(place === null ? {} : { place }) },
    origin: { by: { reader, antenna }, receivedAt, traceparent },
    evidence: {
      reads,
      peakRssiDbm,
      firstHeardAt,
      ...(stray === undefined ? {} : { stray }),
      ...(station === undefined ? {} : { station }),
      ...(tid === undefined ? {} : { tid }),
      ...(isIso === undefined ? {} : { isIso }),
    },
  };
};
