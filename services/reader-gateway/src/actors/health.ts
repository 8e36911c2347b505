import { Fault, type FaultCode, faultCatalogue, type Reader, type ReaderPhase } from "@tagwire/messages";
import type { ReaderNotice } from "../drivers/driver.ts";

/** How a reader is: its phase, since when, what went wrong last, and what it says of itself. */
export type Health = Pick<
  Reader,
  "status" | "since" | "fault" | "retryAt" | "firmware" | "model" | "antennasConnected"
>;

export const newHealth = (at: string): Health => ({
  status: "stopped",
  since: at,
  fault: null,
  retryAt: null,
  firmware: null,
  model: null,
  antennasConnected: {},
});

/** A phase begins. The last fault stays in sight until the reader reads again or is stopped. */
export const entered = (
  health: Health,
  status: ReaderPhase,
  at: string,
  failure?: Pick<Health, "fault" | "retryAt">,
): Health => ({
  ...health,
  status,
  since: status === health.status ? health.since : at,
  fault: failure?.fault ?? (status === "inventory" || status === "stopped" ? null : health.fault),
  retryAt: failure?.retryAt ?? null,
  // Until the reader says so again, nothing is known of what is plugged in.
  antennasConnected: status === "connecting" || status === "stopped" ? {} : health.antennasConnected,
});

export const noticed = (health: Health, notice: ReaderNotice): Health => {
  if (notice.kind === "identified") return { ...health, firmware: notice.firmware, model: notice.model };
  if (notice.kind === "warning") return health;
  return {
    ...health,
    antennasConnected: { ...health.antennasConnected, [String(notice.antenna)]: notice.connected },
  };
};

/** What people are told of a failure. An error that is no fault is our own mistake, and its words are for the log. */
export const failureOf = (error: unknown): Reader["fault"] => {
  if (error instanceof Fault) {
    const { code, advice } = error;
    return { code, message: error.message.replace(/^[a-z_.]+: /, ""), advice };
  }
  const code: FaultCode = "reader.error";
  return { code, message: "the driver failed", advice: faultCatalogue[code].advice };
};
