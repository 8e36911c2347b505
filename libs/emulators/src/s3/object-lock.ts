import type { IncomingHttpHeaders } from "node:http";

/** Until when a version stays, and who may lift that: nobody, or with `GOVERNANCE` whoever says that they do. */
export type S3Lock = { readonly lock: string | undefined; readonly lockedUntil: string | undefined };

export const lockModes: readonly string[] = ["COMPLIANCE", "GOVERNANCE"];

const lifts = (headers: IncomingHttpHeaders): boolean =>
  headers["x-amz-bypass-governance-retention"] === "true";

/** Whether a lock holds now against whoever asks. */
export const holds = (
  { lock, lockedUntil }: S3Lock,
  headers: IncomingHttpHeaders,
  nowMs: number,
): boolean => {
  if (lock === undefined || !(Date.parse(lockedUntil ?? "") > nowMs)) return false;
  return lock === "COMPLIANCE" || !lifts(headers);
};

const memberOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

/** The lock that a retention document asks for; undefined where it is none. */
export const readRetention = (xml: string, nowMs: number): S3Lock | undefined => {
  const lock = memberOf(xml, "Mode");
  const lockedUntil = memberOf(xml, "RetainUntilDate");
  const isOne = lock !== undefined && lockModes.includes(lock) && Date.parse(lockedUntil ?? "") > nowMs;
  return isOne ? { lock, lockedUntil } : undefined;
};

/** Whether a lock may become another one: while it holds it is never made weaker, and ends no earlier. */
export const mayBecome = (
  now: S3Lock,
  wanted: S3Lock,
  headers: IncomingHttpHeaders,
  nowMs: number,
): boolean => {
  if (!holds(now, headers, nowMs)) return true;
  const isEarlier = Date.parse(wanted.lockedUntil ?? "") < Date.parse(now.lockedUntil ?? "");
  return !isEarlier && (now.lock !== "COMPLIANCE" || wanted.lock === "COMPLIANCE");
};
