import { ask, type Bus } from "@tagwire/bus";
import { AskStation, Fault, isForSessions, type SessionWarning, type Station } from "@tagwire/messages";

/** Nobody who begins a session waits longer than this for what is only advice. */
const adviceTimeoutMs = 1_000;

/** Why the readers at a station will not scan into a session that is open there; nothing when they will. */
export const warningsOf = (id: string, station: Station | null, listening: number): SessionWarning[] => {
  if (station === null)
    return [
      {
        code: "station_unknown",
        message: `There is no station ${id} at this site: readers will scan nothing into this session until there is one. Look for a slip of the pen, or set that station up.`,
      },
    ];
  if (!isForSessions(station.mode))
    return [
      {
        code: "station_only_sees",
        message: `${id} is a ${station.mode}: what readers hear there is seen, and never scanned into a session. Begin the session at another station, or give this one another mode.`,
      },
    ];
  if (listening > 0) return [];
  return [
    {
      code: "station_unread",
      message: `No reader that is switched on listens at ${id}: bind a reader or one of its antennas to it, or start the reader.`,
    },
  ];
};

/**
 * What whoever begins a session at a station should know of it. The session begins all the same, and also when reader-gateway is away:
 * scans by hand do not need it.
 *
 * @throws Fault that is not the absence of reader-gateway: a mistake of ours, which nobody would see otherwise.
 */
export const stationWarnings = async (
  bus: Bus,
  site: string,
  id: string | undefined,
): Promise<SessionWarning[]> => {
  if (id === undefined) return [];
  try {
    const { station, listening } = await ask(bus, AskStation, { site, id }, { timeoutMs: adviceTimeoutMs });
    return warningsOf(id, station, listening);
  } catch (error) {
    if (error instanceof Fault && error.retryable) return [];
    throw error;
  }
};
