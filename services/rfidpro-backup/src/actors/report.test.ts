import type { RfidproComparison, RfidproDifference } from "@tagwire/messages";
import { expect, test } from "vitest";
import { percent, type Report, type ReportForm } from "./report.ts";
import { reportCsv } from "./report-csv.ts";
import { reportHtml } from "./report-html.ts";

const formula = '=HYPERLINK("http://evil.example","<b>x</b>")';
const comparison: RfidproComparison = {
  ...{ run: "r1", site: "north", comparedAt: "2026-03-01T08:05:00.000Z", verdict: "complete" },
  window: { from: "2026-03-01T08:00:00.000Z", to: "2026-03-01T08:04:00.000Z" },
  isComplete: { items: true, transactions: false },
  ...{
    position: { epoch: 1, pos: 77 },
    capability: { filter: true, sort: false, rowsMax: 200 },
    manifest: "ab12",
  },
  ...{ differences: 3, differencesHash: "cd34" },
  agreement: {
    score: 0.9999999,
    items: { compared: 9, agreed: 8, differing: 1, pending: 0 },
    scans: { compared: 20, agreed: 20, differing: 0, pending: 0 },
    faults: { duplicate: 2, malformed: 0, unexplained: 0 },
    classes: { status_mismatch: 1, duplicate: 2 },
  },
};
const difference = {
  ...{
    class: "status_mismatch",
    kind: "item",
    key: formula,
    tag: null,
    fields: ["status"],
    state: "open",
    owner: "ann",
  },
  ...{
    rfidpro: { status: "ready", name: formula },
    operations: { status: formula },
    dueAt: null,
    revision: 1,
  },
  ...{ firstSeenAt: "2026-02-01T08:00:00.000Z", lastSeenAt: "2026-03-01T08:00:00.000Z" },
} as unknown as RfidproDifference;
const report: Report = { comparison, hash: "ef56", signatures: [] };
const written = (form: ReportForm, of = report) => form.head(of) + form.row(difference) + form.foot(of);

test("the CSV says what was compared, what came of it, and each difference; nothing in it is a formula", () => {
  const lines = written(reportCsv).split("\r\n");
  for (const line of ["agreement,99.99 %", "manifest SHA-256,ab12", "report SHA-256,ef56", "differences,3"])
    expect(lines).toContain(line);
  expect(lines).toContain("scans read whole,no: what is missing is not told");
  expect(lines).toContain("missing_from_pos,not applicable");
  const row = lines.find((line) => line.startsWith("status_mismatch,item")) ?? "";
  expect(row).toContain(`"'=HYPERLINK(`);
  expect(row).toContain("status: ready");
  expect(row).toContain(",open,ann,,28,");
});

test("the page needs nothing else, and what RFIDpro says in it is text", () => {
  const page = written(reportHtml);
  expect(page).not.toMatch(/<script|src=|<link|@import|<b>x/i);
  expect(page).toContain("&lt;b&gt;x&lt;/b&gt;");
  for (const said of ["99.99 %", "ab12", "1:77", "only in RFIDpro", "by nobody yet"])
    expect(page).toContain(said);
});

test("who signed stands in the report", () => {
  const signed = {
    ...{ run: "r1", hash: "ef56", name: "Ann Example", by: "ann", at: "2026-03-02T08:00:00.000Z" },
    ...{ signature: "c2ln", publicKey: "pem" },
  };
  for (const text of [
    written(reportHtml, { ...report, signatures: [signed] }),
    written(reportCsv, { ...report, signatures: [signed] }),
  ])
    expect(text).toContain("Ann Example");
});

test("only what agrees wholly is called 100 %", () => {
  expect([percent(1), percent(0.99999999), percent(0.5), percent(null)]).toEqual([
    "100 %",
    "99.99 %",
    "50 %",
    "–",
  ]);
});
