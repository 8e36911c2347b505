import type { rfidproReportFormats } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Report, ReportForm } from "../actors/report.ts";
import { reportCsv } from "../actors/report-csv.ts";
import { reportHtml } from "../actors/report-html.ts";
import { listOfRun } from "../store/differences.ts";

/** Differences that are read at once. */
const rowsPerPage = 500;
/** A part ends when it has become so long, so that it fits into a message whatever its texts are in bytes. */
const partLengthMax = 150_000;

type Format = (typeof rfidproReportFormats)[number];
const forms: Readonly<Record<Format, ReportForm>> = { csv: reportCsv, html: reportHtml };

/** A part of a report's file, and the last difference in it; null where it is the last part. */
export type ReportPart = { readonly body: string; readonly after: string | null };

/** The parts of a report's file from the one after a difference on, all of them from its beginning for null. Only a part is held. */
export async function* reportParts(
  sql: Sql,
  report: Report,
  { format, after }: { readonly format: Format; readonly after: string | null },
): AsyncGenerator<ReportPart> {
  const form = forms[format];
  let body = after === null ? form.head(report) : "";
  for (let last = after; ; ) {
    const page = await listOfRun(sql, report.comparison.run, {
      limit: rowsPerPage,
      after: last ?? undefined,
    });
    for (const difference of page.slice(0, rowsPerPage)) {
      body += form.row(difference);
      last = difference.id;
      if (body.length < partLengthMax) continue;
      yield { body, after: last };
      body = "";
    }
    if (page.length <= rowsPerPage) break;
  }
  yield { body: body + form.foot(report), after: null };
}
