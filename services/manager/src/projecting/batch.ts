import type { Transaction } from "@tagwire/actor";
import type { LoggedEvent } from "@tagwire/messages";
import { joinNews, type News } from "../boards/board.ts";
import { boards } from "../boards/boards.ts";
import { turnStock } from "../boards/stock.ts";
import { cutAtBarriers, takeAtBarrier } from "./barriers.ts";
import { cutBySessionTags } from "./session-tags.ts";

/** What a batch did to one site. */
export type AppliedSite = {
  readonly site: string;
  /** Names the build of the site's rows; undefined for a site that was never begun. */
  readonly generation: string | undefined;
  readonly events: readonly LoggedEvent[];
  /** What screens are told, made when it is asked for: while a site is far behind nobody does. */
  readonly news: () => News;
};

/**
 * Three round trips, whatever the number of events or boards: the stock is read and folded, then what the boards must know is read, then
 * everything is written.
 */
const applyRun = async (
  transaction: Transaction,
  events: readonly LoggedEvent[],
  nowMs: number,
): Promise<AppliedSite[]> => {
  const stock = await turnStock(transaction, events, nowMs);
  const turned = [stock, ...(await Promise.all(boards.map(({ turn }) => turn(transaction, stock.runs))))];
  await Promise.all(turned.map(({ save }) => save(transaction)));
  return stock.runs.map(({ site, happenings }) => ({
    site,
    generation: stock.generation(site),
    events: happenings.map(({ event }) => event),
    news: () => joinNews(turned.map(({ news }) => news(site))),
  }));
};

/**
 * Applies a run of events to every board. Where an audit's barrier is among them, what is kept of its site is taken between what comes
 * before it and what comes after; and what sessions begin to expect is written a bounded number of tags at a time. A site is in the answer once for each run of its events.
 *
 * @throws Error when an event cannot be applied; the transaction must be rolled back then.
 */
export const applyBatch = async (
  transaction: Transaction,
  events: readonly LoggedEvent[],
  nowMs: number,
): Promise<AppliedSite[]> => {
  const applied: AppliedSite[] = [];
  for (const run of cutAtBarriers(events).flatMap(cutBySessionTags)) {
    await takeAtBarrier(transaction, run, nowMs);
    applied.push(...(await applyRun(transaction, run, nowMs)));
  }
  return applied;
};
