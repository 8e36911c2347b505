import { createHash } from "node:crypto";
import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { canonicalJson } from "@tagwire/digest";
import {
  AskRfidproComparison,
  AskRfidproReport,
  AskSignRfidproReport,
  Fault,
  type RfidproComparison,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Report } from "../actors/report.ts";
import { findComparison, findSignatures, saveSignature } from "../store/comparisons.ts";
import { readPartCursor, writePartCursor } from "./cursor.ts";
import { type ReportPart, reportParts } from "./report-parts.ts";

/** The key of the archive. */
export type ReportKey = {
  readonly publicKey: string;
  readonly sign: (content: string | Uint8Array) => string;
};

const hashOf = (comparison: RfidproComparison): string =>
  createHash("sha256").update(canonicalJson(comparison)).digest("hex");

/** @throws Fault `rfidpro.not_compared` */
const getComparison = async (sql: Sql, run: string): Promise<RfidproComparison> => {
  const comparison = await findComparison(sql, run);
  if (comparison === undefined) throw new Fault("rfidpro.not_compared", run);
  return comparison;
};

/** A report with so many of its signatures, the first ones: a file that is read in parts has those that it began with. */
const reportOf = async (sql: Sql, run: string, signed?: number): Promise<Report> => {
  const comparison = await getComparison(sql, run);
  const signatures = await findSignatures(sql, run);
  return { comparison, hash: hashOf(comparison), signatures: signatures.slice(0, signed) };
};

const partAnswer = ({ body, after }: ReportPart, { signatures }: Report) => ({
  body,
  next: after === null ? null : writePartCursor({ signed: signatures.length, after }),
  ...{ signature: null, publicKey: null, bytes: null, sha256: null },
});

/** What is asked of agreement reports: what they say, the files, and to sign one. */
export const answerReports = (bus: Bus, sql: Sql, key: ReportKey | undefined): readonly Subscription[] => [
  answer(bus, AskRfidproComparison, async ({ run }) => {
    const comparison = await findComparison(sql, run);
    if (comparison === undefined) return { comparison: null, hash: null, signatures: [] };
    return { comparison, hash: hashOf(comparison), signatures: await findSignatures(sql, run) };
  }),
  answer(bus, AskRfidproReport, async ({ run, format, from = null }) => {
    if (from !== null) {
      const { signed, after } = readPartCursor(from);
      const report = await reportOf(sql, run, signed);
      for await (const part of reportParts(sql, report, { format, after })) return partAnswer(part, report);
    }
    const report = await reportOf(sql, run);
    // Signed is the digest of the whole file: all of it is written once before its first part is given, and no more of it is held than a part.
    const hash = createHash("sha256");
    let bytes = 0;
    let first: ReportPart | undefined;
    for await (const part of reportParts(sql, report, { format, after: null })) {
      first ??= part;
      hash.update(part.body);
      bytes += Buffer.byteLength(part.body);
    }
    const digest = hash.digest();
    return {
      ...partAnswer(first ?? { body: "", after: null }, report),
      ...{ sha256: digest.toString("hex"), bytes },
      ...{ signature: key?.sign(digest) ?? null, publicKey: key?.publicKey ?? null },
    };
  }),
  answer(bus, AskSignRfidproReport, async ({ run, by, name }) => {
    const comparison = await getComparison(sql, run);
    if (key === undefined) throw new Fault("rfidpro.no_signing_key", "");
    const hash = hashOf(comparison);
    const at = new Date().toISOString();
    const signed = { run, hash, name: name.trim(), by, at };
    // Who signed, and when, is signed with what they signed: none of it can be put under another report.
    const signature = key.sign(canonicalJson(signed));
    return { signature: await saveSignature(sql, { ...signed, signature, publicKey: key.publicKey }) };
  }),
];
