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

const narrowed = (row: Evidence["folded"], fields: readonly string[]): Evidence["folded"] =>
  row == null ? row : Object.fromEntries(fields.map((name) => [name, row[name]]));

/**
 * What changes when something else differs: of rows of both sides the fields that differ, since a thing that goes on being scanned is
 * another one every time and has the same wrong with it. Without the events that led there, the clocks and reads behind them, sums that
 * move with every write, and how many more there are.
 */
export const signatureOf = ({
  evidence: { events: _events, clocks: _clocks, reads: _reads, more: _more, sums: _sums, ...rest },
}: Pick<Sighting, "evidence">): string => {
  const { fields = [], operations, manager, folded } = rest;
  if (fields.length === 0) return hashOf(rest);
  const rows = Object.entries({ operations, manager, folded }).filter(([, row]) => row !== undefined);
  return hashOf({ ...rest, ...Object.fromEntries(rows.map(([name, row]) => [name, narrowed(row, fields)])) });
};
