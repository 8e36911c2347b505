import type { Transaction } from "@tagwire/actor";
import { type BoardView, boardViews } from "@tagwire/messages";
import type { Happening, SiteRun } from "../actors/happening.ts";
import type { PlacedChange } from "../actors/live-messages.ts";
import type { Reader } from "../store/rows.ts";

/** What a run changed in the live views, in the order of their positions. Boards may share a view. */
export type News = Partial<Record<BoardView, readonly PlacedChange[]>>;

/**
 * A board is one thing that the manager keeps of the log, apart from every other:
 *
 *   concerns ──► find ──► fold ──► save ──► news
 *
 * A batch is one transaction over all boards, and each step one round trip for all of them together: they send what they read at
 * once, and what they write at once. So `find` and `save` are a few set-based statements, none of which waits for another's answer,
 * and a board that no event of a batch concerns is not asked at all.
 */
export type BoardSpec<Known, Changes> = {
  /** Ends in a version. Under another one the rows are not what they were, and are made anew from the log. */
  readonly name: string;
  /** All of them have a column `site`, by which a site is forgotten. */
  readonly tables: readonly string[];
  readonly concerns: (happening: Happening) => boolean;
  /** What has to be known before the runs are folded, of every site among them. */
  readonly find: (sql: Reader, runs: readonly SiteRun[]) => Promise<ReadonlyMap<string, Known>>;
  /** Pure: the rows that are different afterwards, as they are then. However a log is cut into runs, they come to the same. */
  readonly fold: (known: Known, run: SiteRun) => Changes;
  /** Writes rows as they are now. Safe to repeat. */
  readonly save: (transaction: Transaction, changes: ReadonlyMap<string, Changes>) => Promise<unknown>;
  /** What screens are told. Left out when the board is shown nowhere live. */
  readonly news?: (changes: Changes, run: SiteRun) => News;
};

/** A board after a run was folded: what is to be written, and what is to be said once that is committed. */
export type Turned = {
  readonly save: (transaction: Transaction) => Promise<unknown>;
  readonly news: (site: string) => News;
};

export type Board = {
  readonly name: string;
  readonly tables: readonly string[];
  readonly turn: (sql: Reader, runs: readonly SiteRun[]) => Promise<Turned>;
};

const untouched: Turned = { save: async () => {}, news: () => ({}) };

/** Puts a board together from its parts. */
export const board = <Known, Changes>(spec: BoardSpec<Known, Changes>): Board => ({
  name: spec.name,
  tables: spec.tables,
  turn: async (sql, all) => {
    const runs = all
      .map((run) => ({ ...run, happenings: run.happenings.filter(spec.concerns) }))
      .filter(({ happenings }) => happenings.length > 0);
    if (runs.length === 0) return untouched;
    const known = await spec.find(sql, runs);
    const folded = new Map(
      runs.map((run) => {
        const own = known.get(run.site);
        if (own === undefined) throw new Error(`${spec.name} looked for nothing of ${run.site}`);
        return [run.site, { run, changes: spec.fold(own, run) }] as const;
      }),
    );
    const changes = new Map([...folded].map(([site, own]) => [site, own.changes]));
    return {
      save: (transaction) => spec.save(transaction, changes),
      news: (site) => {
        const own = folded.get(site);
        return own === undefined ? {} : (spec.news?.(own.changes, own.run) ?? {});
      },
    };
  },
});

/** Everything there is to say of a site, by view. */
export const joinNews = (all: readonly News[]): News =>
  Object.fromEntries(boardViews.map((view) => [view, all.flatMap((news) => news[view] ?? [])]));
