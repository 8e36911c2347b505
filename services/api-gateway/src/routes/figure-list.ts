import {
  AskFlaggedScans,
  AskIdleItems,
  AskPlaceCounts,
  AskServiceQueues,
  AskStaleItems,
  AskThroughput,
  AskUtilisation,
  FlaggedFilter,
  IdleFilter,
  type Question,
  QueueFilter,
  queueBandsHours,
  StaleFilter,
  seenBandsHours,
  staleParamsDefault,
  ThroughputFilter,
  UtilisationFilter,
} from "@tagwire/messages";
import Type, {
  type Static,
  type TNull,
  type TObject,
  type TSchema,
  type TString,
  type TUnion,
} from "typebox";

type PagedAnswer = TObject<{ rows: TSchema; next: TUnion<[TString, TNull]> }>;

/** A figure that the manager answers for, page by page: where it is, what narrows it down, and an answer as it may be. */
export type FigureList = {
  /** Below `/sites/:site/boards`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly question: Question<TSchema, PagedAnswer>;
  readonly filter: TObject;
  readonly example: object;
};

/** Declares a figure: its filter and example are checked against its question here. */
const figure = <Q extends TSchema, A extends PagedAnswer, F extends TObject>(declaration: {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly question: Question<Q, A> & (Static<F> extends Partial<Static<Q>> ? unknown : never);
  readonly filter: F;
  readonly example: Omit<Static<A>, "known" | "epoch" | "pos" | "asOf" | "rows" | "next"> & {
    readonly data: Static<A>["rows"];
  };
}): FigureList => ({
  ...declaration,
  question: declaration.question as unknown as FigureList["question"],
  example: {
    ...{ known: true, epoch: 1, pos: 48_211, asOf: "2026-06-12T08:40:00.000Z" },
    ...declaration.example,
    nextCursor: null,
  },
});

const bands = (...items: number[]) =>
  [...queueBandsHours, null].map((underHours, index) => ({ underHours, items: items[index] ?? 0 }));

const seen = (...items: number[]) =>
  [...seenBandsHours, null].map((underHours, index) => ({ underHours, items: items[index] ?? 0 }));

const usage = {
  ...{
    itemDays: 3_600,
    outDays: 900,
    readyDays: 2_520,
    availableDays: 2_400,
    stagedDays: 90,
    provisionedDays: 30,
    inServiceDays: 150,
    missingDays: 30,
  },
  ...{ utilisation: 0.25, available: 81, idle: 12, idleSince: "2026-01-09T16:20:00.000Z" },
};
const chair = {
  tag: "3034257BF7194E4000001A85",
  class: "Chair folding natural",
  className: "Folding chair, natural",
  crew: "service",
  status: "ready",
  place: "rack-4",
  role: null,
} as const;

/** Every figure that is a list. Another one is another entry. */
export const figureLists: readonly FigureList[] = [
  figure({
    path: "/queues",
    operationId: "getServiceQueues",
    summary:
      "What waits in service, by queue and crew, for how long, and the items themselves, those that wait longest first",
    question: AskServiceQueues,
    filter: QueueFilter,
    example: {
      counts: [
        {
          queue: "wash",
          crew: "linen",
          items: 3,
          oldestSince: "2026-06-09T14:02:11.000Z",
          bands: bands(2, 1),
        },
      ],
      data: [
        {
          tag: "3034257BF7194E4000001A85",
          queue: "wash",
          since: "2026-06-09T14:02:11.000Z",
          class: "Napkin white",
          className: "Napkin, white",
          crew: "linen",
          name: null,
          quality: "A",
          place: "dock-1",
          notes: null,
          condition: { stain: true },
          pos: 47_003,
        },
      ],
    },
  }),
  figure({
    path: "/throughput",
    operationId: "getThroughput",
    summary: "Scans by person, device and reader, by hour or day and by how they ended",
    question: AskThroughput,
    filter: ThroughputFilter,
    example: {
      span: "day",
      from: "2026-06-11",
      to: "2026-06-12",
      data: [
        {
          kind: "person",
          who: "ana",
          ...{ scans: 412, accepted: 405, alreadyApplied: 4, rejected: 2, quarantined: 1 },
          spans: [
            {
              start: "2026-06-12",
              scans: 412,
              accepted: 405,
              alreadyApplied: 4,
              rejected: 2,
              quarantined: 1,
            },
          ],
        },
      ],
    },
  }),
  figure({
    path: "/scans",
    operationId: "listFlaggedScans",
    summary:
      "Late, flagged and rejected scans, newest first: who made them, how late they were, and their trace",
    question: AskFlaggedScans,
    filter: FlaggedFilter,
    example: {
      data: [
        {
          pos: 48_207,
          event: "item.rented.v1",
          scanId: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10",
          scan: "rental",
          tag: "3034257BF7194E4000001A85",
          contract: "482913",
          session: null,
          by: { person: "ana", device: "handheld 7" },
          outcome: "accepted",
          code: null,
          marks: ["return_not_recorded", "late"],
          scannedAt: "2026-06-12T06:10:00.000Z",
          receivedAt: "2026-06-12T08:39:58.120Z",
          recordedAt: "2026-06-12T08:39:58.164Z",
          lateSeconds: 8_998.164,
          traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
        },
      ],
    },
  }),
  figure({
    path: "/utilisation",
    operationId: "getUtilisation",
    summary: "The share of item-days on contract over a window of the site's days, and idle items, by class",
    question: AskUtilisation,
    filter: UtilisationFilter,
    example: {
      timeZone: "Europe/Berlin",
      from: "2026-05-14",
      to: "2026-06-12",
      idleDays: 30,
      totals: usage,
      data: [
        {
          class: "Chair folding natural",
          ...usage,
          name: "Folding chair, natural",
          shortName: "FC nat",
          category: "Seating",
          subcategory: null,
          crew: "service",
        },
      ],
    },
  }),
  figure({
    path: "/idle",
    operationId: "listIdleItems",
    summary:
      "Items that are available and were not on contract for long, those that are not for longest first",
    question: AskIdleItems,
    filter: IdleFilter,
    example: {
      idleDays: 30,
      data: [
        { ...chair, quality: "A", since: "2026-01-09T16:20:00.000Z", lastSeenAt: "2026-04-02T09:11:40.000Z" },
      ],
    },
  }),
  figure({
    path: "/places",
    operationId: "listPlaceCounts",
    summary:
      "How much is at each place of a site and when it was seen last, in the order of the places' names",
    question: AskPlaceCounts,
    filter: Type.Object({}),
    example: {
      data: [
        {
          ...{ place: "rack-4", items: 48, inService: 3, missing: 1, seen: seen(2, 30, 12, 4) },
          lastSeenAt: "2026-06-12T08:31:07.000Z",
        },
      ],
    },
  }),
  figure({
    path: "/stale",
    operationId: "listStaleItems",
    summary:
      "Items that no scan touched for longer than their limit, and how many are over which, the oldest first",
    question: AskStaleItems,
    filter: StaleFilter,
    example: {
      limits: { rule: null, ...staleParamsDefault },
      counts: [
        { name: "", days: 360, items: 0, oldestSince: null },
        { name: "resale", days: 90, items: 1, oldestSince: "2026-02-27T10:04:00.000Z" },
      ],
      data: [
        {
          ...{ ...chair, role: "resale", name: "resale", days: 90 },
          ...{ since: "2026-02-27T10:04:00.000Z", lastSeenAt: "2026-02-27T10:04:00.000Z" },
        },
      ],
    },
  }),
];
