import { createHash } from "node:crypto";
import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { canonicalJson } from "@tagwire/digest";
import {
  AskRfidproComparison,
  AskRfidproReport,
  AskSignRfidproReport,
  Fault,
  type RfidproComparison,
  type RfidproDifference,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Report } from "../actors/report.ts";
import { reportCsv } from "../actors/report-csv.ts";
import { reportHtml } from "../actors/report-html.ts";
import { findComparison, findSignatures, saveSignature } from "../store/comparisons.ts";
import { listOfRun } from "../store/differences.ts";

/** Differences that a report shows; with their texts they have to fit into one message, so their bytes count, too. */
const shownMax = 500;
const shownBytesMax = 250_000;

/** The key of the archive. */
export type ReportKey = { readonly publicKey: string; readonly sign: (text: string) => string };

const hashOf = (comparison: RfidproComparison): string =>
  createHash("sha256").update(canonicalJson(comparison)).digest("hex");

/** @throws Fault `rfidpro.not_compared` */
const getComparison = async (sql: Sql, run: string): Promise<RfidproComparison> => {
  const comparison = await findComparison(sql, run);
  if (comparison === undefined) throw new Fault("rfidpro.not_compared", run);
  return comparison;
};

const shownOf = (differences: readonly RfidproDifference[]): RfidproDifference[] => {
  let bytes = 0;
  return differences.filter((one) => {
    bytes += Buffer.byteLength(JSON.stringify(one));
    return bytes <= shownBytesMax;
  });
};

const reportOf = async (sql: Sql, run: string): Promise<Report> => {
  const comparison = await getComparison(sql, run);
  const listed = await listOfRun(sql, run, { limit: shownMax, after: undefined });
  const differences = shownOf(listed.slice(0, shownMax));
  return {
    comparison,
    hash: hashOf(comparison),
    signatures: await findSignatures(sql, run),
    differences,
    more: Math.max(0, comparison.differences - differences.length),
  };
};

/** What is asked of agreement reports: what they say, the files, and to sign one. */
export const answerReports = (bus: Bus, sql: Sql, key: ReportKey | undefined): readonly Subscription[] => [
  answer(bus, AskRfidproComparison, async ({ run }) => {
    const comparison = await findComparison(sql, run);
    if (comparison === undefined) return { comparison: null, hash: null, signatures: [] };
    return { comparison, hash: hashOf(comparison), signatures: await findSignatures(sql, run) };
  }),
  answer(bus, AskRfidproReport, async ({ run, format }) => {
    const report = await reportOf(sql, run);
    const body = format === "csv" ? reportCsv(report) : reportHtml(report);
    return { body, signature: key?.sign(body) ?? null, publicKey: key?.publicKey ?? null };
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
