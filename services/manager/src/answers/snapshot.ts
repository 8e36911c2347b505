import type { AskSnapshot } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { findSites } from "../store/sites.ts";
import { readAtOnce } from "./read-at-once.ts";
import { type SnapshotQuestion, snapshotPages } from "./snapshot-pages.ts";
import { findWholePosition } from "./whole-position.ts";

type Answer = Static<(typeof AskSnapshot)["answer"]>;

/** A page of a live view and the position it is of, read at one instant. */
export const answerSnapshot = async (sql: Sql, question: SnapshotQuestion, nowMs: number): Promise<Answer> =>
  readAtOnce(sql, async (transaction) => {
    const position = await findWholePosition(transaction, question.site);
    if (position === undefined) return { known: false, epoch: 0, pos: 0, rows: [], next: null };
    const site = (await findSites(transaction, [question.site])).get(question.site);
    const page = await snapshotPages[question.view]({ transaction, question, position, site, nowMs });
    const build = site === undefined ? {} : { generation: site.generation };
    return { known: true, ...position, ...build, rows: [...page.rows], next: page.next };
  });
