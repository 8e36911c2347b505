import { answer, type Bus } from "@tagwire/bus";
import {
  AskClassCounts,
  AskContractAt,
  AskContractBoard,
  AskDashboard,
  AskFlaggedScans,
  AskIdleItems,
  AskItemAt,
  AskLag,
  AskManagerDigest,
  AskPlaceCounts,
  AskPrefetch,
  AskPrefetchFigures,
  AskServiceQueues,
  AskSessionBoard,
  AskStaleItems,
  AskThroughput,
  AskUtilisation,
  type PrefetchGuess,
  ReportPrefetch,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { openReportMeters } from "../prefetching/meters.ts";
import type { LastLevel } from "./as-of.ts";
import { answerClassCounts } from "./class-counts.ts";
import { answerContractAt } from "./contract-at.ts";
import { answerContractBoard } from "./contract-board.ts";
import { answerDashboard } from "./dashboard.ts";
import { answerFlaggedScans } from "./flagged-scans.ts";
import { answerIdleItems } from "./idle-items.ts";
import { answerItemAt } from "./item-at.ts";
import { answerItemDigest } from "./item-digest.ts";

import { answerLag } from "./lag.ts";

import { answerPlaceCounts } from "./place-counts.ts";
import { answerPrefetch } from "./prefetch.ts";
import { answerPrefetchFigures } from "./prefetch-figures.ts";
import { takePrefetchReport } from "./prefetch-report.ts";

import { answerServiceQueues } from "./service-queues.ts";
import { answerSessionBoard } from "./session-board.ts";
import { answerStaleItems } from "./stale-items.ts";
import { answerThroughput } from "./throughput.ts";
import { answerUtilisation } from "./utilisation.ts";

/** What people may ask of the boards. Any manager answers, whether or not it projects. */
export const answerBoardQuestions = (
  bus: Bus,
  {
    sql,
    notices,
    prefetchOff,
    lastLevel,
  }: {
    readonly sql: Sql;
    readonly notices: Sql;
    /** Sources of prefetch sets that whoever runs this switched off. */
    readonly prefetchOff: ReadonlySet<PrefetchGuess>;
    readonly lastLevel: LastLevel;
  },
): { readonly stop: () => Promise<void> } => {
  const prefetching = { sql, notices, off: prefetchOff };
  const reports = openReportMeters();
  const answering = [
    answer(bus, AskDashboard, ({ site }) => answerDashboard(sql, site, Date.now(), lastLevel)),
    answer(bus, AskClassCounts, (question) => answerClassCounts(sql, question, Date.now(), lastLevel)),
    answer(bus, AskContractBoard, (question) => answerContractBoard(sql, question, Date.now(), lastLevel)),
    answer(bus, AskSessionBoard, (question) => answerSessionBoard(sql, question, Date.now(), lastLevel)),
    answer(bus, AskServiceQueues, (question) => answerServiceQueues(sql, question, Date.now(), lastLevel)),
    answer(bus, AskFlaggedScans, (question) => answerFlaggedScans(sql, question, Date.now(), lastLevel)),
    answer(bus, AskThroughput, (question) => answerThroughput(sql, question, Date.now(), lastLevel)),
    answer(bus, AskUtilisation, (question) => answerUtilisation(sql, question, Date.now(), lastLevel)),
    answer(bus, AskIdleItems, (question) => answerIdleItems(sql, question, Date.now(), lastLevel)),
    answer(bus, AskStaleItems, (question) =>
      answerStaleItems({ sql, notices }, question, Date.now(), lastLevel),
    ),
    answer(bus, AskLag, (question) => answerLag(sql, question, Date.now(), lastLevel)),
    answer(bus, AskPlaceCounts, (question) => answerPlaceCounts(sql, question, Date.now(), lastLevel)),
    answer(bus, AskPrefetch, (question) => answerPrefetch(prefetching, question, Date.now(), lastLevel)),
    answer(bus, AskPrefetchFigures, (question) =>
      answerPrefetchFigures(prefetching, question, Date.now(), lastLevel),
    ),
    answer(bus, ReportPrefetch, (question) => takePrefetchReport(notices, question, reports.named)),
    answer(bus, AskContractAt, (question) => answerContractAt(sql, question, Date.now())),
    answer(bus, AskItemAt, (question) => answerItemAt({ bus, sql }, question, Date.now())),
    answer(bus, AskManagerDigest, ({ site }) => answerItemDigest(sql, site)),
  ];
  return {
    stop: async () => {
      for (const one of answering) await one.stop();
    },
  };
};
