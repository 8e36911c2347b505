import { spokenScore } from "./agreement.ts";
import {
  ageDays,
  classWords,
  headOf,
  notApplicable,
  percent,
  type Report,
  type ReportForm,
  sideText,
} from "./report.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is read as text: what comes from RFIDpro may say anything. */
const escaped = (text: string | number | null): string =>
  String(text ?? "").replaceAll(/[&<>"']/g, (found) => entities[found] ?? "");

const cells = (values: readonly (string | number | null)[]): string =>
  `<tr>${values.map((value) => `<td>${escaped(value)}</td>`).join("")}</tr>`;

const style = `
  body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #111; background: #fff; }
  h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
  h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border: 1px solid #bbb; padding: .25rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
  th { background: #f2f2f2; }
  .score { font-size: 2rem; font-weight: 700; }
  .sign { border-bottom: 1px solid #111; display: inline-block; min-width: 16rem; height: 2.5rem; margin-right: 2rem; }
  @page { margin: 15mm; }
  @media print { body { margin: 0; } tr { break-inside: avoid; } thead { display: table-header-group; } }
`;

const heading = (names: readonly string[]): string =>
  `<thead><tr>${names.map((name) => `<th scope="col">${escaped(name)}</th>`).join("")}</tr></thead>`;

const headHtml = (report: Report): string => {
  const { comparison } = report;
  const { agreement } = comparison;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Agreement of RFIDpro and operations at ${escaped(comparison.site)}</title>
<style>${style}</style>
</head>
<body>
<h1>Agreement of RFIDpro and operations at ${escaped(comparison.site)}</h1>
<p class="score">${escaped(percent(spokenScore(agreement)))}</p>
<p>Of the items and scans that could be compared, so many agree. What is pending counts for neither side; where that is more than a tenth, no score is told.</p>
<h2>What was compared</h2>
<table><tbody>${headOf(report).map(cells).join("\n")}</tbody></table>
<h2>Differences by class</h2>
<table>${heading(["Class", "In words", "Differences"])}<tbody>
${Object.entries(classWords)
  .map(([name, words]) => cells([name, words, agreement.classes[name as keyof typeof classWords] ?? 0]))
  .join("\n")}
</tbody></table>
<p>${escaped(notApplicable)}.</p>
<h2>Differences</h2>
<table>${heading(["Class", "What", "Fields", "RFIDpro", "Operations", "State", "Owner", "Age in days"])}<tbody>
`;
};

const footHtml = ({ signatures }: Report): string => `</tbody></table>
<h2>Signed</h2>
${
  signatures.length === 0
    ? ""
    : `<table>${heading(["Name", "Signed in as", "At", "SHA-256", "Signature (Ed25519)"])}<tbody>
${signatures.map(({ name, by, at, hash, signature }) => cells([name, by, at, hash, signature])).join("\n")}
</tbody></table>`
}
<p><span class="sign"></span><span class="sign"></span><br>Name, date</p>
</body>
</html>
`;

/** The report as a page that needs nothing else: it can be kept, printed, and signed by hand, too. It has every difference. */
export const reportHtml: ReportForm = {
  head: headHtml,
  row: (one) =>
    `${cells([
      ...[one.class, one.key, one.fields.join(", ")],
      ...[sideText(one.rfidpro, one.fields), sideText(one.operations, one.fields)],
      ...[one.state, one.owner, ageDays(one)],
    ])}\n`,
  foot: footHtml,
};
