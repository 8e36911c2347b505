import { Fault } from "@tagwire/messages";
import postgres from "postgres";

/** What postgres.js and the socket below it say when the way to Postgres is gone. */
const brokenWays: ReadonlySet<string> = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/**
 * SQLSTATEs by which Postgres itself says that it cannot serve now: connection exceptions, no resources, shutting down, a time limit,
 * a database that takes no connections, and one that only reads because another one has become the first.
 */
const awayStates = /^(08|53|57P0|57014|25006|25P0[34]|55000)/;

/** Whether the way to Postgres is gone, as the driver or the socket below it says; what Postgres says itself is no such thing. */
export const isWayBroken = (error: unknown): boolean =>
  error instanceof Error && "code" in error && typeof error.code === "string" && brokenWays.has(error.code);

/** Whether a statement failed because Postgres or the way to it is away: the world's fault, worth trying again. */
export const isStoreAway = (error: unknown): boolean =>
  error instanceof postgres.PostgresError ? awayStates.test(error.code) : isWayBroken(error);

/** The fault that a broken way to Postgres is; undefined for every other error. */
export const faultOfStore = (error: unknown): Fault | undefined =>
  isStoreAway(error) ? new Fault("store.unreachable", "", { cause: error }) : undefined;
