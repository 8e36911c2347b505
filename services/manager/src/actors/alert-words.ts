import type { AlertKind, AlertSubject, Severity } from "@tagwire/messages";
import { figureSubjectWords } from "./figure-words.ts";

/** What a notification is about, as its ledger and its alerts have it now. */
export type Topic = {
  readonly site: string;
  readonly what: string;
  readonly alerts: readonly TopicAlert[];
};

export type TopicAlert = {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  readonly kind: AlertKind;
  readonly group: string;
  readonly count: number;
  readonly examples: readonly AlertSubject[];
};

export type Words = { readonly title: string; readonly text: string };

/** Of the subjects of an alert, a message names so many. */
const namedMax = 10;
/** A digest names so many alerts. */
const listedMax = 20;
/** No subject line is longer, and no screen of a phone shows more. */
const titleLengthMax = 120;

const severityWords: Readonly<Record<Severity, string>> = {
  info: "Info",
  warning: "Warning",
  critical: "Critical",
};

const things = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const found: Readonly<Record<AlertKind, (alert: TopicAlert) => string>> = {
  stale: ({ count, group }) =>
    `${things(count, "item was", "items were")} not scanned for longer than the limit${group === "" ? "" : ` (${group})`}`,
  overdue: ({ count, group }) =>
    `${things(count, "contract is", "contracts are")} overdue${group === "" ? "" : ` (${group})`}`,
  missing: ({ count }) => `${things(count, "item is", "items are")} missing`,
  queue_age: ({ count, group }) =>
    `${things(count, "item waits", "items wait")} in ${group} for longer than the limit`,
  reader_silent: ({ group, examples }) =>
    group === ""
      ? `nobody says how the readers are since ${examples[0]?.since ?? "a while"}`
      : `reader ${group} is silent since ${examples[0]?.since ?? "a while"}`,
  finding_opened: ({ count, group }) => `${things(count, "finding is", "findings are")} open (${group})`,
  webhook_failing: ({ group, examples }) =>
    `the webhook endpoint ${group} fails: ${examples[0]?.detail ?? "nothing arrives"}`,
  threshold: ({ examples }) =>
    `${figureSubjectWords(examples[0]?.key ?? "a figure")}: ${examples[0]?.detail ?? "over its limit"}`,
};

const turnWords: Readonly<Record<string, string>> = {
  escalated: "nobody took it up yet",
  reopened: "it came back",
  grew: "there are more of them",
  woke: "its snooze is over",
  test: "this is a test; nothing is wrong",
};

// A line break in a name would end a header of a mail.
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
const cut = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;

const subjectLine = (kind: AlertKind, { key, since, detail }: AlertSubject): string =>
  `  ${oneLine(kind === "threshold" ? figureSubjectWords(key) : key)}${detail === undefined ? "" : `, ${oneLine(detail)}`}, since ${since}`;

const alertText = (alert: TopicAlert): string[] => [
  `${severityWords[alert.severity]}: ${oneLine(alert.name)}: ${found[alert.kind](alert)}.`,
  ...alert.examples.slice(0, namedMax).map((subject) => subjectLine(alert.kind, subject)),
  ...(alert.count > Math.min(alert.examples.length, namedMax)
    ? [`  and ${alert.count - Math.min(alert.examples.length, namedMax)} more`]
    : []),
];

/** What a person reads. Plain text: no mail program and no phone shows it wrong. */
export const wordsOf = ({ site, what, alerts }: Topic): Words => {
  const [first] = alerts;
  if (first === undefined)
    return { title: `Tagwire ${site}: test`, text: "This is a test; nothing is wrong." };
  const lead = alerts.length === 1 ? oneLine(first.name) : things(alerts.length, "alert", "alerts");
  const isTest = what === "test" ? "Test: " : "";
  const listed = alerts.slice(0, listedMax).flatMap(alertText);
  const turn = turnWords[what];
  const lines = [
    ...(turn === undefined ? [] : [`${turn.charAt(0).toUpperCase()}${turn.slice(1)}.`]),
    ...listed,
    ...(alerts.length > listedMax ? [`and ${alerts.length - listedMax} more alerts`] : []),
  ];
  return {
    title: cut(`${isTest}${severityWords[first.severity]}: ${lead} (${site})`, titleLengthMax),
    text: lines.join("\n"),
  };
};
