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
  /** Called before the lease is given back; whatever runs for the partition must have ended when it resolves. */
  readonly lost: (partition: number) => Promise<void> | void;
  readonly log: Logger;
};

type Held = { readonly epoch: number; readonly validUntil: number };
type Row = { partition: number; epoch: number };

const renew = (sql: Sql, owner: string, ttlMs: number) => sql<Row[]>`
  with alive as (
    insert into member (id, seen_until) values (${owner}, clock_timestamp() + ${ttlMs} * interval '1 ms')
    on conflict (id) do update set seen_until = excluded.seen_until
  )
  update partition set until = clock_timestamp() + ${ttlMs} * interval '1 ms' where owner = ${owner} returning partition, epoch`;

const fairShare = async (sql: Sql, partitions: number): Promise<number> => {
  const [row] = await sql<[{ members: number }]>`
    with gone as (delete from member where seen_until < clock_timestamp() - interval '1 minute')
    select count(*)::int as members from member where seen_until > clock_timestamp()`;
  return Math.ceil(partitions / Math.max(1, row.members));
};

// A stuck row must not delay the other partitions, hence SKIP LOCKED.
const claim = (sql: Sql, owner: string, options: { ttlMs: number; partitions: number; count: number }) => sql<
  Row[]
>`
  update partition set owner = ${owner}, epoch = epoch + 1, until = clock_timestamp() + ${options.ttlMs} * interval '1 ms'
  where partition in (
    select partition from partition where until < clock_timestamp() and partition < ${options.partitions}
    order by partition limit ${options.count} for update skip locked)
  returning partition, epoch`;

const release = (sql: Sql, owner: string, partitions: readonly number[]) => sql`
  update partition set owner = null, until = 'epoch' where owner = ${owner} and partition in ${sql([...partitions])}`;

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
 * @throws Fault `store.unreachable` when the first round fails; later failures are survived and logged.
 */
export const claimLeases = async (options: LeaseOptions): Promise<Leases> => {
  const { sql, owner, log } = options;
  const ttlMs = options.ttlMs ?? leaseTtlMs;
  const partitions = options.partitions ?? partitionCount;
  const held = new Map<number, Held>();
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

  const drop = async (partition: number) => {
    if (!held.delete(partition)) return;
    await inOrder(partition, () => options.lost(partition));
  };
  const keep = async ({ partition, epoch }: Row, validUntil: number) => {
    const before = held.get(partition);
    if (before !== undefined && before.epoch !== epoch) await drop(partition);
    held.set(partition, { epoch, validUntil });
    if (before?.epoch === epoch) return;
    await inOrder(partition, () => options.gained(partition, epoch)).catch((error: unknown) => {
      // Not served, so not held: the next round gains it again.
      if (held.get(partition)?.epoch === epoch) held.delete(partition);
      throw error;
    });
  };
  // A renewal can hang as long as a broken connection does: what is about to run out meanwhile is given up all the same.
  const dropExpiring = () => {
    for (const [partition, { validUntil }] of [...held]) {
      if (validUntil >= performance.now() + ttlMs / expiryChecksPerTtl) continue;
      log.warn({ partition }, "lease runs out, partition given up");
      drop(partition).catch((err: unknown) => log.error({ err, partition }, "did not step down"));
    }
  };

  const round = async () => {
    const validUntil = performance.now() + ttlMs;
    const kept = await renew(sql, owner, ttlMs);
    const mine = new Set(kept.map((row) => row.partition));
    const taken = [...held.keys()].filter((partition) => !mine.has(partition));
    if (taken.length > 0) log.warn({ partitions: taken }, "partitions lost to another owner");
    for (const partition of taken) await drop(partition);
    await Promise.all(kept.map((row) => keep(row, validUntil)));

    const share = await fairShare(sql, partitions);
    if (held.size < share) {
      const from = performance.now() + ttlMs;
      const claimed = await claim(sql, owner, { ttlMs, partitions, count: share - held.size });
      await Promise.all(claimed.map((row) => keep(row, from)));
      if (claimed.length > 0)
        log.info({ partitions: claimed.map(({ partition }) => partition) }, "partitions gained");
    }
    const surplus = [...held.keys()].slice(share);
    for (const partition of surplus) await drop(partition);
    if (surplus.length === 0) return;
    await release(sql, owner, surplus);
    log.info({ partitions: surplus }, "partitions handed to another owner");
  };

  let wake: () => void = () => {};
  const loop = async () => {
    while (!stopped) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, ttlMs / 3).unref();
      });
      if (stopped) return;
      await round().catch((err: unknown) => log.error({ err }, "leases not renewed"));
    }
  };

  await round().catch((cause: unknown) => {
    throw new Fault("store.unreachable", "leases", { cause });
  });
  const running = loop();
  const expiring = setInterval(dropExpiring, ttlMs / expiryChecksPerTtl);
  expiring.unref();

  return {
    epochOf: (partition) => {
      const lease = held.get(partition);
      return lease !== undefined && performance.now() < lease.validUntil ? lease.epoch : undefined;
    },
    owned: () => [...held.keys()],
    lose: (partition) => {
      log.warn({ partition }, "partition lost to another owner");
      void drop(partition).catch((err: unknown) => log.error({ err, partition }, "did not step down"));
    },
    stop: async () => {
      stopped = true;
      wake();
      await running;
      clearInterval(expiring);
      const mine = [...held.keys()];
      for (const partition of mine) await drop(partition);
      if (mine.length > 0) await release(sql, owner, mine);
      await sql`delete from member where id = ${owner}`;
    },
  };
};
