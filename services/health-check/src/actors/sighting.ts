import { createHash } from "node:crypto";
import { canonicalJson } from "@tagwire/digest";
import type { Evidence, FindingCode, Remedy } from "@tagwire/messages";

/** Something that an audit found: it is one finding with whatever earlier audits found under the same code, entity and key. */
export type Sighting = {
  readonly code: FindingCode;
  readonly entity: string;
  readonly key: string;
  readonly evidence: Evidence;
  /**
   * Whether it was seen on rows that stood still meanwhile. What is not certain is suspected until the next audit sees it, too.
   */
  readonly isCertain: boolean;
  /** What heals it, where that is something else than what heals its kind. */
  readonly remedy?: Remedy;
};

/** Something about a site as a whole. */
export const ofSite = (code: FindingCode, key: string, detail: string, isCertain = true): Sighting => ({
  code,
  entity: "site",
  key,
  evidence: { detail },
  isCertain,
});

/** Hex digits of a fingerprint or signature: 128 bits, enough that no two things ever share one by accident. */
const hexDigits = 32;
const hashOf = (value: unknown): string =>
  createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, hexDigits);

/** What stays the same of a discrepancy for as long as it is about the same thing. */
export const fingerprintOf = ({ code, entity, key }: Pick<Sighting, "code" | "entity" | "key">): string =>
  hashOf([code, entity, key]);

/**
 * What changes when something else differs: rows of both sides, without the events that led there, the clocks and reads behind them, and how many
 * more there are.
 */
export const signatureOf = ({
  evidence: { events: _events, clocks: _clocks, reads: _reads, more: _more, ...rest },
}: Pick<Sighting, "evidence">): string => hashOf(rest);
