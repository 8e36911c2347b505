import type { AlertKind, AlertSubject, Severity } from "@tagwire/messages";
import { figureSubjectWords } from "./figure-words.ts";
import { pageLinkOf } from "./page-link.ts";

/** What a notification is about, as its ledger and its alerts have it now. */
export type Topic = {
  readonly site: string;
  /** What people call the site. */
  readonly siteName: string;
  /** Where people open the page; without it nothing is linked to. */
  readonly page?: string | undefined;
  /** IANA zone of the site: whoever is called looks at a clock there. */
  readonly timeZone: string;
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

/** An instant as a clock at the site shows it: `Sat 28 Feb 2026, 18:00 GMT-6`. */
const atSite = (instant: string, timeZone: string): string => {
  const parts = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, weekday: "short", day: "numeric", month: "short", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" },
  }).formatToParts(new Date(instant));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("weekday")} ${of("day")} ${of("month")} ${of("year")}, ${of("hour")}:${of("minute")} ${of("timeZoneName")}`;
};

/** Since when the first of them is so. */
const sinceOf = ({ examples: [first] }: TopicAlert, timeZone: string): string =>
  first === undefined ? "a while" : atSite(first.since, timeZone);

const found: Readonly<Record<AlertKind, (alert: TopicAlert, timeZone: string) => string>> = {
  stale: ({ count, group }) =>
    `${things(count, "item was", "items were")} not scanned for longer than the limit${group === "" ? "" : ` (${group})`}`,
  overdue: ({ count, group }) =>
    `${things(count, "contract is", "contracts are")} overdue${group === "" ? "" : ` (${group})`}`,
  missing: ({ count }) => `${things(count, "item is", "items are")} missing`,
  queue_age: ({ count, group }) =>
    `${things(count, "item waits", "items wait")} in ${group} for longer than the limit`,
  reader_silent: (alert, timeZone) =>
    alert.group === ""
      ? `nobody says how the readers are since ${sinceOf(alert, timeZone)}`
      : `reader ${alert.group} is silent since ${sinceOf(alert, timeZone)}`,
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

/** Kinds of which the sentence names the first thing already. */
const namesFirst: ReadonlySet<AlertKind> = new Set(["threshold", "reader_silent", "webhook_failing"]);

const subjectLine = (kind: AlertKind, { key, since, detail }: AlertSubject, timeZone: string): string => {
  const name = oneLine(kind === "threshold" ? figureSubjectWords(key) : key);
  return `  ${name}${detail === undefined ? "" : `, ${oneLine(detail)}`}, since ${atSite(since, timeZone)}`;
};

/** The things that an alert is about, one a line; nothing is said twice. */
const subjectLines = (alert: TopicAlert, timeZone: string): string[] => {
  const { kind, count, examples } = alert;
  const named = examples.slice(0, namedMax);
  const [first, ...others] = named;
  const isSilence = kind === "reader_silent";
  const lines =
    namesFirst.has(kind) && first !== undefined
      ? [
          ...(isSilence ? [] : [`  since ${atSite(first.since, timeZone)}`]),
          ...others.map(lineOf(kind, timeZone)),
        ]
      : named.map(lineOf(kind, timeZone));
  return count > named.length ? [...lines, `  and ${count - named.length} more`] : lines;
};

const lineOf = (kind: AlertKind, timeZone: string) => (subject: AlertSubject) =>
  subjectLine(kind, subject, timeZone);

const alertText = (alert: TopicAlert, { site, timeZone, page }: Topic): string[] => {
  const link = page === undefined ? undefined : pageLinkOf(page, site, alert);
  return [
    `${severityWords[alert.severity]}: ${oneLine(alert.name)}: ${found[alert.kind](alert, timeZone)}.`,
    ...subjectLines(alert, timeZone),
    ...(link === undefined ? [] : [`  ${link}`]),
  ];
};

/** What a person reads. Plain text: no mail program and no phone shows it wrong. */
export const wordsOf = (topic: Topic): Words => {
  const { what, alerts } = topic;
  const site = oneLine(topic.siteName);
  const [first] = alerts;
  if (first === undefined)
    return { title: `Tagwire ${site}: test`, text: "This is a test; nothing is wrong." };
  const lead = alerts.length === 1 ? oneLine(first.name) : things(alerts.length, "alert", "alerts");
  const isTest = what === "test" ? "Test: " : "";
  const listed = alerts.slice(0, listedMax).flatMap((alert) => alertText(alert, topic));
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
