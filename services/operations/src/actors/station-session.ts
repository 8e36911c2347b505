import type { Session } from "@tagwire/messages";

/**
 * Sessions of one station that are remembered, the open one before the newest. What a reader tells later than so many sessions have
 * begun there is of none of them, and stays a sighting.
 */
export const sessionsPerStationMax = 16;

/** When a session at a station began, and when it ended if it is over, as ISO instants in UTC. */
export type StationSession = {
  readonly id: string;
  readonly station: string;
  readonly begunAt: string;
  readonly closedAt: string | null;
};

/** A session as its station knows it; undefined when it is at none, or nobody has heard of its beginning. */
export const stationSessionOf = ({
  id,
  station,
  state,
  begunAt,
  closedAt,
}: Session): StationSession | undefined =>
  station === undefined || begunAt === null
    ? undefined
    : { id, station, begunAt, closedAt: state === "closed" ? closedAt : null };

const isOpen = ({ closedAt }: StationSession): boolean => closedAt === null;

/** Both sides of a restart have them in this order: instants in one spelling sort as text. */
const newestFirst = (left: StationSession, right: StationSession): number => {
  if (left.begunAt !== right.begunAt) return left.begunAt < right.begunAt ? 1 : -1;
  return left.id < right.id ? 1 : -1;
};
const openThenNewest = (left: StationSession, right: StationSession): number =>
  isOpen(left) === isOpen(right) ? newestFirst(left, right) : isOpen(left) ? -1 : 1;

/** The sessions of a station with some of them as they are now. */
export const withStationSessions = (
  known: readonly StationSession[],
  changed: readonly StationSession[],
): readonly StationSession[] => {
  if (changed.length === 0) return known;
  const all = new Map([...known, ...changed].map((session) => [session.id, session]));
  return [...all.values()].sort(openThenNewest).slice(0, sessionsPerStationMax);
};

/** The session that is open at a station now: there is one at most. */
export const openAmong = (sessions: readonly StationSession[]): StationSession | undefined =>
  sessions.find(isOpen);

/**
 * The sessions that went on at this instant, the one that began last first. There is more than one where the beginning of one was
 * heard after it was over, or the close of one was taken back.
 */
export const goingOnAt = (sessions: readonly StationSession[], at: string): readonly StationSession[] =>
  sessions
    .filter(({ begunAt, closedAt }) => begunAt <= at && (closedAt === null || at <= closedAt))
    .sort(newestFirst);
