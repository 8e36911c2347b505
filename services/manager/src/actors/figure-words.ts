import { segmentsOf } from "./figure-pointer.ts";

/** How people call the members of figures, where it is not what the letters say. */
const leafWords: Readonly<Record<string, string>> = {
  total: "all items",
  out: "items out",
  ready: "items ready",
  inService: "items in service",
  missing: "items missing",
  ended: "items sold or retired",
  quarantined: "scans of unknown tags",
  dueOut: "contracts due out",
  lateOut: "contracts late to go out",
  dueIn: "contracts due back",
  overdue: "contracts overdue",
  stillOutItems: "items still out",
  available: "items available",
  utilisation: "utilisation",
  items: "items",
};
/** What the same letters mean elsewhere. */
const leafWordsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  contracts: { open: "contracts open", out: "contracts with items out", laundry: "laundry not closed" },
  sessions: {
    open: "sessions open",
    unbegun: "sessions not begun",
    idle: "sessions left alone",
    incomplete: "sessions half uploaded",
    late: "sessions with late scans",
  },
  utilisation: { idle: "items idle" },
};

const unitWords: readonly (readonly [RegExp, string])[] = [
  [/Ms$/, " in ms"],
  [/Ms(Sum|Max)$/, "$1 in ms"],
];

/** `p99Ms` as `p99 in ms`, `on_rent` as `on rent`, `inServiceDays` as `in service days`. */
const spoken = (name: string): string =>
  unitWords
    .reduce((text, [form, words]) => text.replace(form, words), name)
    .replaceAll("_", " ")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();

const spanWords: Readonly<Record<string, string>> = {
  lastHour: "in the last hour",
  lastDay: "in the last 24 hours",
};
const spanOf = (span = ""): string => spanWords[span] ?? spoken(span);

const scanWords: Readonly<Record<string, string>> = {
  scans: "scans",
  accepted: "scans accepted",
  alreadyApplied: "scans already applied",
  rejected: "scans rejected",
  quarantined: "scans of unknown tags",
};
const kindWords: Readonly<Record<string, string>> = {
  person: "people",
  device: "devices",
  reader: "readers",
};

/** `scans of device sled-1 in the last hour`, `scans rejected of all people in the last 24 hours`. */
const throughputWords = ([list = "", who = "", span, leaf = ""]: readonly string[]): string => {
  const [kind = "", ...name] = who.split(".");
  const whose = list === "totals" ? `all ${kindWords[kind] ?? spoken(kind)}` : `${kind} ${name.join(".")}`;
  return `${scanWords[leaf] ?? spoken(leaf)} of ${whose} ${spanOf(span)}`;
};

/** `items not scanned for too long, limit resale`. */
const staleWords = (inner: readonly string[]): string => {
  const [list, name] = inner;
  const what = inner.at(-1) === "days" ? "days without a scan" : "items not scanned for too long";
  if (list === "limits") return `${what}, limit ${name}`;
  return list === "rest" ? `${what}, without a limit of their own` : what;
};

/** `scans marked late in the last hour`, `scans late, flagged or rejected in the last 24 hours`. */
const flaggedWords = ([span, list, mark = ""]: readonly string[]): string =>
  `${list === "marks" ? `scans marked ${spoken(mark)}` : "scans late, flagged or rejected"} ${spanOf(span)}`;

const armWords: Readonly<Record<string, string>> = {
  predicted: "of devices that hold what is predicted",
  recents: "of devices that hold what was recent alone",
};

/** `hit ratio of devices that hold what is predicted`, `precision of prefetch source due`, `hit ratio that predicting adds`. */
const prefetchWords = ([list = "", name = "", leaf = ""]: readonly string[]): string => {
  if (list === "uplift")
    return `hit ratio that predicting adds${name === "value" ? "" : `, ${name} end of it`}`;
  return `${spoken(leaf)} ${list === "arms" ? (armWords[name] ?? name) : `of prefetch source ${name}`}`;
};

/** Boards whose figures are called after all of their pointer. */
const wordsOfBoard: Readonly<Record<string, (inner: readonly string[]) => string>> = {
  throughput: throughputWords,
  stale: staleWords,
  flagged: flaggedWords,
  prefetch: prefetchWords,
};

/** What a person calls the figure that a pointer leads to: `contracts overdue`, `items missing of class 6m frame`. */
export const figureWords = (pointer: string): string => {
  const segments = segmentsOf(pointer);
  if (segments.length === 0) return pointer;
  const isOfBoard = segments[0] === "boards";
  const [root = "", ...inner] = isOfBoard ? segments.slice(1) : segments;
  const ofBoard = isOfBoard ? wordsOfBoard[root] : undefined;
  if (ofBoard !== undefined) return ofBoard(inner);
  const leaf = inner.at(-1) ?? root;
  const word = leafWordsOf[root]?.[leaf] ?? leafWords[leaf] ?? spoken(leaf);
  // A row of a list, or a group of counts, says of what the figure is.
  const [list, row] = inner;
  if (root === "classes") return `${word} of class ${inner[0]}`;
  if (root === "categories") {
    const [category, list, subcategory] = inner;
    return `${word} of category ${category}${list === "subcategories" ? `, ${subcategory}` : ""}`;
  }
  if (root === "statuses") return `items that are ${spoken(leaf)}`;
  if (root === "minutes") return `${word} in a minute`;
  if (root === "lag")
    return `${word}, from ${list === "recordToScreen" ? "record to screen" : "device to record"}`;
  if (root === "queues" && row !== undefined) {
    const [queue, crew] = row.split(".");
    return `items in ${queue} of the ${crew} crew${inner.length > 3 ? ", by age" : ""}`;
  }
  if (root === "utilisation" && list === "rows") return `${word} of class ${row}`;
  if (inner.length > 2) return `${root}, ${inner.slice(1).map(spoken).join(" ")}`;
  return word;
};

/** The name of a subject of a threshold: its figure, and the step that it is over where it names one. */
export const figureSubjectWords = (key: string): string => {
  const [, pointer = key, step = ""] = /^(\/.*?)( (?:>=|<=|==|!=|>|<) -?[\d.e+]+)?$/.exec(key) ?? [];
  return `${figureWords(pointer)}${step}`;
};
