import {
  Fault,
  type FaultCode,
  type Reader,
  type ReaderPhase,
  type ReaderWay,
  readerAdvice,
} from "@tagwire/messages";
import type { ReaderNotice } from "../drivers/driver.ts";

/** A port beyond this is none that anybody can set, whatever a reader says. */
export const antennasMax = 64;
/** What a reader says of itself is shown as far as a person would read it, in characters. */
export const shownTextMax = 200;

/** A reader's own words as people see them: in one line, and not without end. */
export const shownText = (text: string): string => {
  const visible = text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  const characters = [...visible];
  return characters.length <= shownTextMax ? visible : `${characters.slice(0, shownTextMax - 1).join("")}…`;
};

/** How a reader is: its phase, since when, what went wrong last, and what it says of itself. */
export type Health = Pick<
  Reader,
  "status" | "since" | "fault" | "retryAt" | "firmware" | "model" | "antennasConnected" | "clockOffsetMs"
>;

export const newHealth = (at: string): Health => ({
  status: "stopped",
  since: at,
  fault: null,
  retryAt: null,
  firmware: null,
  model: null,
  antennasConnected: {},
  clockOffsetMs: null,
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
  // Until the reader says so again, nothing is known of what is plugged in, or of its clock.
  ...(status === "connecting" || status === "stopped" ? { antennasConnected: {}, clockOffsetMs: null } : {}),
});

/** The same health, not only an equal one, when the notice is no news or is about an antenna that the reader cannot have. */
export const noticed = (health: Health, notice: ReaderNotice, antennas: number): Health => {
  if (notice.kind === "warning" || notice.kind === "input") return health;
  if (notice.kind === "identified") {
    const firmware = shownText(notice.firmware);
    const model = shownText(notice.model);
    return firmware === health.firmware && model === health.model ? health : { ...health, firmware, model };
  }
  if (notice.kind === "clock") {
    const clockOffsetMs = Math.round(notice.offsetMs);
    const isShown = Number.isSafeInteger(clockOffsetMs) && clockOffsetMs !== health.clockOffsetMs;
    return isShown ? { ...health, clockOffsetMs } : health;
  }
  const { antenna, connected } = notice;
  const isThere = Number.isInteger(antenna) && antenna >= 1 && antenna <= Math.min(antennas, antennasMax);
  if (!isThere || health.antennasConnected[antenna] === connected) return health;
  return { ...health, antennasConnected: { ...health.antennasConnected, [antenna]: connected } };
};

/** What people are told of a failure of a reader that is reached this way. An error that is no fault is our own mistake, and its words are for the log. */
export const failureOf = (error: unknown, way: ReaderWay): Reader["fault"] => {
  if (error instanceof Fault) {
    const { code } = error;
    return {
      code,
      message: shownText(error.message.replace(/^[a-z_.]+: /, "")),
      advice: readerAdvice(code, way),
    };
  }
  const code: FaultCode = "reader.error";
  return { code, message: "the driver failed", advice: readerAdvice(code, way) };
};
