import Type, { type Static } from "typebox";
import { AsOf, boardPage } from "./board-questions.ts";
import { SiteId, storableText } from "./ids.ts";
import { question } from "./question.ts";

/** Who scans: a person, a device or API key, or a reader. A scan of a person with a device counts for both. */
export const workerKinds = ["person", "device", "reader"] as const;
export type WorkerKind = (typeof workerKinds)[number];
export const WorkerKind = Type.Enum(workerKinds, {
  description: "a scan of a person with a device counts for both of them",
});

/** The stretches of time that scans are counted by. */
export const throughputSpans = ["hour", "day"] as const;
export type ThroughputSpan = (typeof throughputSpans)[number];
export const ThroughputSpan = Type.Enum(throughputSpans, {
  description: "hours are those of UTC, days the site's own",
});

/** How far back scans are counted by the hour, behind the newest of their site, in hours. */
export const throughputHoursKept = 48;
/** How far back they are counted by the day, today included, in days. */
export const throughputDaysKept = 90;

/** How many scans were recorded, by how they ended. `scans` is all of them. */
export const ScanTally = Type.Object({
  scans: Type.Integer(),
  accepted: Type.Integer(),
  alreadyApplied: Type.Integer(),
  rejected: Type.Integer(),
  quarantined: Type.Integer(),
});
export type ScanTally = Static<typeof ScanTally>;

const start = Type.String({
  description: "the instant at which an hour begins, RFC 3339 in UTC, or a day as YYYY-MM-DD",
});

/** A row of the live view `throughput`: what somebody scanned in an hour or on a day. Its key is {@link throughputKey}. */
export const ThroughputRow = Type.Object({
  span: ThroughputSpan,
  start,
  kind: WorkerKind,
  who: Type.String(),
  ...ScanTally.properties,
});
export type ThroughputRow = Static<typeof ThroughputRow>;

export const throughputKey = ({
  span,
  start: from,
  kind,
  who,
}: Pick<ThroughputRow, "span" | "start" | "kind" | "who">): string => `${span}:${from}:${kind}:${who}`;

/** How many hours, or days, an answer looks back when nobody says. */
export const throughputCountDefault = { hour: 24, day: 14 } as const satisfies Record<ThroughputSpan, number>;

export const ThroughputFilter = Type.Object({
  span: Type.Optional(ThroughputSpan),
  count: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: throughputDaysKept,
      description: `how many hours or days to look back, the present one included; ${throughputCountDefault.hour} hours or ${throughputCountDefault.day} days without it; hours are kept for ${throughputHoursKept}, days for ${throughputDaysKept}`,
    }),
  ),
  kind: Type.Optional(WorkerKind),
  who: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: storableText,
      description: "one person, device or reader",
    }),
  ),
});
export type ThroughputFilter = Static<typeof ThroughputFilter>;

/** What one of them scanned within the window, all together and by hour or day. */
export const WorkerThroughput = Type.Object({
  kind: WorkerKind,
  who: Type.String(),
  ...ScanTally.properties,
  spans: Type.Array(Type.Object({ start, ...ScanTally.properties }), {
    description: "hours or days in which something was scanned, oldest first",
  }),
});
export type WorkerThroughput = Static<typeof WorkerThroughput>;

/**
 * Scans by who made them, by the time at which operations recorded them, in the order of kinds and names. A scan that waited in
 * quarantine counts when it came, not again when it is decided.
 */
export const AskThroughput = question({
  service: "manager",
  name: "throughput",
  question: Type.Object({ site: SiteId, ...boardPage, ...ThroughputFilter.properties }),
  answer: Type.Object({
    ...AsOf.properties,
    span: ThroughputSpan,
    from: start,
    to: start,
    rows: Type.Array(WorkerThroughput),
    next: Type.Union([Type.String(), Type.Null()]),
  }),
});
