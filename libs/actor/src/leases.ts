import { Fault, partitionCount } from "@tagwire/messages";
import type { Migration, Sql } from "@tagwire/store";
import type { Logger } from "pino";

/**
 * One row per partition is lease, fencing token and clock; only Postgres's own clock is believed, so no two machines
 * have to agree on the time. `epoch` rises with every change of owner.
 */
export const leaseTables: Migration = {
  name: "actor-leases-1",
  sql: `
    create table partition (
      partition int primary key,
      owner text,
      epoch bigint not null default 0,
      until timestamptz not null default 'epoch'
    );
    insert into partition (partition) select generate_series(0, ${partitionCount - 1});
    create table member (id text primary key, seen_until timestamptz not null);
  `,
};

export const leaseTtlMs = 3_000;
const expiryChecksPerTtl = 12;
/** For so long a partition stays ours while its work ends; after that whoever is next need not wait for it. */
const leavingTtlsMax = 10;

export type Leases = {
  /** The fencing token of an owned partition; undefined when it is not ours or may have run out. */
  readonly epochOf: (partition: number) => number | undefined;
  readonly owned: () => readonly number[];
  /** Says that a commit found the lease gone: the partition is given up at once. */
  readonly lose: (partition: number) => void;
  /** Hands everything over at once, so that the next owner need not wait for the lease to run out. */
  readonly stop: () => Promise<void>;
};

export type LeaseOptions = {
  readonly sql: Sql;
  /** Names this process; unique among all that share the schema. */
  readonly owner: string;
  readonly ttlMs?: number;
  readonly partitions?: number;
  readonly gained: (partition: number, epoch: number) => Promise<void> | void;
  /**
   * Called before the lease is given back; whatever runs for the partition must have ended when it resolves. Leases are
   * renewed meanwhile, that of this partition too, so it may take its time.
   */
  readonly lost: (partition: number) => Promise<void> | void;
  readonly log: Logger;
};

type Held = { readonly epoch: number; readonly validUntil: number };
type Row = { partition: number; epoch: number };

const all = (sql: Sql, partitions: readonly number[]) =>
  sql`(select value::int from json_array_elements_text(${JSON.stringify(partitions)}::text::json))`;

/** Prolongs what is ours, but for those whose work does not end. */
const renew = (sql: Sql, owner: string, options: { ttlMs: number; stuck: readonly number[] }) => sql<Row[]>`
  with alive as (
    insert into member (id, seen_until) values (${owner}, clock_timestamp() + ${options.ttlMs} * interval '1 ms')
    on conflict (id) do update set seen_until = excluded.seen_until
  )
  update partition set until = clock_timestamp() + ${options.ttlMs} * interval '1 ms'
  where owner = ${owner} and partition not in ${all(sql, options.stuck)} returning partition, epoch`;

const fairShare = async (sql: Sql, partitions: number): Promise<number> => {
  const [row] = await sql<[{ members: number }]>`
    with gone as (delete from member where seen_until < clock_timestamp() - interval '1 minute')
    select count(*)::int as members from member where seen_until > clock_timestamp()`;
  return Math.ceil(partitions / Math.max(1, row.members));
};

// A stuck row must not delay the other partitions, hence SKIP LOCKED.
const claim = (
  sql: Sql,
  owner: string,
  options: { ttlMs: number; partitions: number; leaving: readonly number[]; count: number },
) => sql<Row[]>`
  update partition set owner = ${owner}, epoch = epoch + 1, until = clock_timestamp() + ${options.ttlMs} * interval '1 ms'
  where partition in (
    select partition from partition where until < clock_timestamp() and partition < ${options.partitions}
      and partition not in ${all(sql, options.leaving)}
    order by partition limit ${options.count} for update skip locked)
  returning partition, epoch`;

// The epoch fences it: a late release must not free what was claimed again meanwhile. One row at a time cannot deadlock.
const release = (sql: Sql, owner: string, { partition, epoch }: Row) => sql`
  update partition set owner = null, until = 'epoch' where partition = ${partition} and epoch = ${epoch} and owner = ${owner}`;

/** Whether somebody holds each partition right now: what a site needs so that its commands are answered. */
export const everyPartitionHasAnOwner = async (sql: Sql): Promise<boolean> => {
  const [row] = await sql<[{ orphans: number }]>`
    select count(*)::int as orphans from partition where owner is null or until < clock_timestamp()`;
  return row.orphans === 0;
};

/**
 * Takes a fair share of the partitions and keeps it until stopped. A lease that cannot be renewed in time counts as lost here
 * before anybody else can claim it, because validity is measured from before the renewal was sent.
 *
 *   free ──claim──► held ──surplus, running out, lost, stop──► leaving ──work has ended──► left ──release──► free
 *
 * Partitions leave side by side, and nothing waits for them: a slow one delays only whoever is to have it next.
 *
 * @throws Fault `store.unreachable` when the first round fails; later failures are survived and logged.
 */
export const claimLeases = async (options: LeaseOptions): Promise<Leases> => {
  const { sql, owner, log } = options;
  const ttlMs = options.ttlMs ?? leaseTtlMs;
  const partitions = options.partitions ?? partitionCount;
  const held = new Map<number, Held>();
  const leaving = new Map<number, { readonly sinceMs: number; readonly ended: Promise<void> }>();
  /** Epochs of partitions that are not served any more and may still have our name in Postgres. */
  const left = new Map<number, number>();
  let isStopping = false;
  let stopped = false;

  /** Gains and losses of one partition, each after the one before it has ended. */
  const changes = new Map<number, Promise<void>>();
  const inOrder = (partition: number, change: () => Promise<void> | void): Promise<void> => {
    const next = (changes.get(partition) ?? Promise.resolve()).then(change);
    changes.set(
      partition,
      next.catch(() => {}),
    );
    return next;
  };

  const giveBack = async (partition: number, epoch: number) => {
    await release(sql, owner, { partition, epoch });
    if (left.get(partition) === epoch) left.delete(partition);
  };
  const giveBackAll = async () => {
    for (const [partition, epoch] of [...left]) await giveBack(partition, epoch);
  };
  const stepDown = async (partition: number, epoch: number) => {
    await inOrder(partition, () => options.lost(partition)).catch((err: unknown) =>
      log.error({ err, partition }, "did not step down"),
    );
    leaving.delete(partition);
    left.set(partition, epoch);
    giveBack(partition, epoch).catch((err: unknown) => log.warn({ err, partition }, "not given back yet"));
  };
  const leave = (partition: number) => {
    const lease = held.get(partition);
    if (lease === undefined) return;
    held.delete(partition);
    leaving.set(partition, { sinceMs: performance.now(), ended: stepDown(partition, lease.epoch) });
  };
  const enter = async ({ partition, epoch }: Row, validUntil: number) => {
    held.set(partition, { epoch, validUntil });
    await inOrder(partition, () => options.gained(partition, epoch)).catch((error: unknown) => {
      // Not served, so not held: a later round gains it again.
      if (held.get(partition)?.epoch === epoch) {
        held.delete(partition);
        left.set(partition, epoch);
      }
      throw error;
    });
  };
  // A renewal can hang as long as a broken connection does: what is about to run out meanwhile is given up all the same.
  const leaveExpiring = () => {
    for (const [partition, { validUntil }] of [...held]) {
      if (validUntil >= performance.now() + ttlMs / expiryChecksPerTtl) continue;
      log.warn({ partition }, "lease runs out, partition given up");
      leave(partition);
    }
  };

  const prolong = async () => {
    const validUntil = performance.now() + ttlMs;
    const stuckSinceMs = performance.now() - leavingTtlsMax * ttlMs;
    const stuck = [...leaving].flatMap(([partition, { sinceMs }]) =>
      sinceMs < stuckSinceMs ? [partition] : [],
    );
    const ours = new Map(
      (await renew(sql, owner, { ttlMs, stuck })).map((row) => [row.partition, row.epoch]),
    );
    const taken = [...held].flatMap(([partition, { epoch }]) =>
      ours.get(partition) === epoch ? [] : [partition],
    );
    if (taken.length > 0) log.warn({ partitions: taken }, "partitions lost to another owner");
    for (const partition of taken) leave(partition);
    for (const [partition, epoch] of ours) {
      if (held.has(partition)) held.set(partition, { epoch, validUntil });
      // Claimed by an answer that was lost, or left when Postgres did not hear it: nobody here serves it.
      else if (!leaving.has(partition)) left.set(partition, epoch);
    }
    await giveBackAll();
  };
  const claimMissing = async (share: number) => {
    if (held.size >= share) return;
    const validUntil = performance.now() + ttlMs;
    const count = share - held.size;
    const claimed = await claim(sql, owner, { ttlMs, partitions, leaving: [...leaving.keys()], count });
    await Promise.all(claimed.map((row) => enter(row, validUntil)));
    if (claimed.length > 0)
      log.info({ partitions: claimed.map(({ partition }) => partition) }, "partitions gained");
  };
  const round = async () => {
    await prolong();
    if (isStopping) return;
    const share = await fairShare(sql, partitions);
    if (isStopping) return;
    await claimMissing(share);
    const surplus = [...held.keys()].slice(share);
    if (surplus.length === 0) return;
    log.info({ partitions: surplus }, "partitions are handed to another owner");
    for (const partition of surplus) leave(partition);
  };

  let wake: () => void = () => {};
  let current = Promise.resolve();
  const loop = async () => {
    while (!stopped) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, ttlMs / 3).unref();
      });
      if (stopped) return;
      current = round().catch((err: unknown) => log.error({ err }, "leases not renewed"));
      await current;
    }
  };

  await round().catch((cause: unknown) => {
    throw new Fault("store.unreachable", "leases", { cause });
  });
  const running = loop();
  const expiring = setInterval(leaveExpiring, ttlMs / expiryChecksPerTtl);
  expiring.unref();

  return {
    epochOf: (partition) => {
      const lease = held.get(partition);
      return lease !== undefined && performance.now() < lease.validUntil ? lease.epoch : undefined;
    },
    owned: () => [...held.keys()],
    lose: (partition) => {
      log.warn({ partition }, "partition lost to another owner");
      leave(partition);
    },
    stop: async () => {
      // A round that runs may still claim something; after it only renewals follow, until the last one has left.
      isStopping = true;
      await current;
      for (const partition of [...held.keys()]) leave(partition);
      await Promise.all([...leaving.values()].map(({ ended }) => ended));
      stopped = true;
      wake();
      await running;
      clearInterval(expiring);
      await giveBackAll();
      await sql`delete from member where id = ${owner}`;
    },
  };
};
