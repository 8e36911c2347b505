import { inTransaction, type Migration } from "@tagwire/store";
import {
  type AntennaTallies,
  addTallies,
  readsByPort,
  sumOf,
  takeTallies,
} from "../actors/antenna-ledger.ts";
import { type PassingTag, readsOfPassing } from "../actors/passing.ts";
import type { KnownKey } from "../drivers/json/repeats.ts";
import { reached, type Sql } from "./database.ts";
import type { KeptWhereabout } from "./whereabouts.ts";

/**
 * `holding` is how many reads each keeper held of a reader when it last saved, by keeper and port: reads that no observation in Postgres
 * carries. A keeper that holds none is not in it, so whoever is in it and keeps the reader no more was killed, or will still save.
 * `passage` is the tags that passed a portal then.
 */
export const holdings: Migration = {
  name: "holdings-1",
  sql: `
    alter table reader add column holding jsonb not null default '{}';
    create table passage (
      reader bigint not null references reader (number) on delete cascade,
      keeper uuid not null,
      tags jsonb not null,
      primary key (reader, keeper)
    );
  `,
};

/** Reads by port. */
export type PortReads = Readonly<Record<string, number>>;

/** What was found of a reader that somebody else kept. */
export type TakenUp = {
  /** Reads that were held and will become nothing. */
  readonly lost: number;
  /** Tags that were passing a portal. They are this keeper's from now on. */
  readonly passing: readonly PassingTag[];
  /** Whether these are all that the process had taken; else what it took after its last save is not known. */
  readonly isAll?: boolean;
  /** What it had pushed of late, the oldest first, as far as Postgres holds what that said. */
  readonly pushed?: readonly KnownKey[];
  /** Where the tags were that it had heard last. */
  readonly whereabouts?: readonly KeptWhereabout[];
};

const talliesOf = (reads: PortReads): AntennaTallies =>
  Object.fromEntries(Object.entries(reads).map(([port, count]) => [port, { reads: count }]));

/** Reads by port, without the ports that have none. */
export const portReadsOf = (tallies: AntennaTallies): PortReads =>
  Object.fromEntries(
    Object.entries(tallies).flatMap(([port, { reads = 0 }]) => (reads > 0 ? [[port, reads]] : [])),
  );

/** As the ledger has reads that were lost: what is lost was read, and became nothing. */
export const lostTallies = (reads: PortReads, sign: 1 | -1 = 1): AntennaTallies =>
  Object.fromEntries(
    Object.entries(reads).map(([port, count]) => {
      const lost = sign * count;
      return [port, { reads: lost, filtered: lost, "filtered.lost": lost }];
    }),
  );

type Held = { readonly number: number; readonly holding: Readonly<Record<string, PortReads>> };
type Kept = { readonly reader: number; readonly keeper: string; readonly tags: readonly PassingTag[] };

/**
 * Takes up what other keepers held of the readers of a partition when they saved last. Tags that were passing a portal go on passing;
 * all else that was held is lost, and the ledgers say so. Whoever is not gone but was only late takes back what was said of it when it saves:
 * see `saves.ts`. `isWaiting` tells for which readers this keeper has something to save itself.
 *
 * Rows of readers are locked by rising number, as in `saves.ts`.
 */
export const takeUpHoldings = (
  sql: Sql,
  { partition, keeper }: { readonly partition: number; readonly keeper: string },
  isWaiting: (reader: number) => boolean,
): Promise<ReadonlyMap<number, TakenUp>> =>
  reached(
    inTransaction(sql, async (turn) => {
      const found = await turn<Held[]>`
        select number, holding from reader where partition = ${partition} and deleted_at is null and holding <> '{}'
        order by number for no key update`;
      const numbers = found.map(({ number }) => number);
      const kept =
        numbers.length === 0
          ? []
          : await turn<Kept[]>`select reader, keeper, tags from passage where reader in ${turn(numbers)}`;
      const takenUp = new Map<number, TakenUp>();
      for (const { number, holding } of found) {
        const isOver = (one: string): boolean => one !== keeper || !isWaiting(number);
        const gone = Object.entries(holding).filter(([one]) => isOver(one));
        if (gone.length === 0) continue;
        const passing = kept.flatMap((one) => (one.reader === number && isOver(one.keeper) ? one.tags : []));
        const own = readsByPort(readsOfPassing(passing));
        const held = gone.map(([, reads]) => talliesOf(reads)).reduce(addTallies, {});
        const lost = portReadsOf(takeTallies(held, own));
        const rest = Object.fromEntries(Object.entries(holding).filter(([one]) => !isOver(one)));
        const stays =
          passing.length === 0
            ? rest
            : { ...rest, [keeper]: portReadsOf(addTallies(talliesOf(rest[keeper] ?? {}), own)) };
        const reads = sumOf(talliesOf(lost), "reads");
        await turn`
          update reader set holding = ${JSON.stringify(stays)}::text::jsonb, ledger_version = ledger_version + 1,
            reads = reads + ${reads}, filtered = filtered + ${reads},
            antenna_counts = antenna_sum(antenna_counts, ${JSON.stringify(lostTallies(lost))}::text::jsonb)
          where number = ${number}`;
        const over = gone.map(([one]) => one);
        await turn`delete from passage where reader = ${number} and keeper in ${turn(over)}`;
        if (passing.length > 0)
          await turn`
            insert into passage (reader, keeper, tags) values (${number}, ${keeper}, ${JSON.stringify(passing)}::text::jsonb)
            on conflict (reader, keeper) do update set tags = passage.tags || excluded.tags`;
        takenUp.set(number, { lost: reads, passing });
      }
      return takenUp;
    }),
  );
