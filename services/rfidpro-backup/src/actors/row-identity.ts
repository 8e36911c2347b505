import { createHash } from "node:crypto";
import { normaliseTag, type RfidproDataset } from "@tagwire/messages";
import { rawText } from "./raw-field.ts";
import type { RawRow } from "./rows.ts";

/*
 * RFIDpro gives its rows no ids. What names a row is what it says of where it comes from; the same tag in the same second twice is real,
 * so the second one is told from the first by its number alone.
 */

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

const keyFields: Readonly<Record<RfidproDataset, readonly string[]>> = {
  classes: ["rental_class_id"],
  items: ["tag_id"],
  transactions: ["tag_id", "scan_type", "scan_date", "contract_number", "scan_by"],
};

const keyText = (raw: RawRow, field: string): string => {
  const text = rawText(raw, field);
  return field === "tag_id" ? (normaliseTag(text) ?? text) : text;
};

/** What rows have in common that are the same one, or copies of it. A SHA-256 in hex. */
export const naturalKeyOf = (dataset: RfidproDataset, raw: RawRow): string =>
  sha256(JSON.stringify([dataset, ...keyFields[dataset].map((field) => keyText(raw, field))]));

/** The identity of the first, second, … of the rows that have a natural key in common. */
export const identityOf = (naturalKey: string, occurrence: number): string =>
  sha256(`${naturalKey}/${occurrence}`);

/** Numbers the rows of one pull that have a key in common, from 1, in the order in which they come. */
export const createOccurrences = (): ((naturalKey: string) => number) => {
  const seen = new Map<string, number>();
  return (naturalKey) => {
    const occurrence = (seen.get(naturalKey) ?? 0) + 1;
    seen.set(naturalKey, occurrence);
    return occurrence;
  };
};

/** Deeper than this nothing is told apart. What RFIDpro says is nested three deep. */
const depthMax = 32;

/** JSON with its members in one order, of whatever a stranger sends: it never throws. */
const spelling = (value: unknown, depth: number): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (depth >= depthMax) return '"…"';
  if (Array.isArray(value)) return `[${value.map((one) => spelling(one, depth + 1)).join(",")}]`;
  const members = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(members).toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${spelling(members[name], depth + 1)}`).join(",")}}`;
};

/** The SHA-256 of everything a row says, in hex, in whatever order it says it. */
export const contentOf = (raw: RawRow): string => sha256(spelling(raw, 0));
