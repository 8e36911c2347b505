import { csvLine } from "@tagwire/messages";
import { ageDays, headOf, type ReportForm, sideText } from "./report.ts";

const columns = [
  ...["class", "kind", "key", "tag", "fields", "rfidpro", "operations"],
  ...["state", "owner", "due_at", "age_days", "first_seen_at", "last_seen_at", "revision"],
] as const;

/** The report as CSV: what it says of itself first, a name and a value in each line, then an empty line and the differences, all of them. */
export const reportCsv: ReportForm = {
  head: (report) => [...headOf(report).map((line) => csvLine(line)), "\r\n", csvLine([...columns])].join(""),
  row: (one) =>
    csvLine([
      ...[one.class, one.kind, one.key, one.tag, one.fields.join(" ")],
      ...[sideText(one.rfidpro, one.fields), sideText(one.operations, one.fields)],
      ...[one.state, one.owner, one.dueAt, ageDays(one), one.firstSeenAt, one.lastSeenAt, one.revision],
    ]),
  foot: () => "",
};
