import { createHash } from "node:crypto";
import { canonicalJson } from "@tagwire/digest";
import type { RfidproDifference, RfidproDifferenceClass } from "@tagwire/messages";

type Side = RfidproDifference["rfidpro"];

/** Something in which both sides differ, as one comparison saw it. */
export type Found = {
  readonly class: RfidproDifferenceClass;
  readonly kind: RfidproDifference["kind"];
  /** With class and kind it names the difference, for as long as it is about the same thing. */
  readonly key: string;
  readonly tag: string | null;
  readonly fields: readonly string[];
  readonly rfidpro: Side;
  readonly operations: Side;
};

const hashOf = (value: unknown): string => createHash("sha256").update(canonicalJson(value)).digest("hex");

/** 128 bits in hex: enough that no two ever share one by accident. */
const hexDigits = 32;

export const fingerprintOf = ({ class: name, kind, key }: Pick<Found, "class" | "kind" | "key">): string =>
  hashOf([name, kind, key]).slice(0, hexDigits);

/** What changes when something else differs. */
export const signatureOf = ({ fields, rfidpro, operations }: Found): string =>
  hashOf([fields, rfidpro, operations]).slice(0, hexDigits);

/** Of one side the members that a person compares, and those alone: whatever else changes is no news. */
export const sideOf = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** An instant as people read it. */
export const instantOf = (atMs: number | null): string | null =>
  atMs === null ? null : new Date(atMs).toISOString();
