import { setTimeout as wait } from "node:timers/promises";
import { answerOn, ask, type Bus, publishInOrder } from "@tagwire/bus";
import {
  AskReaders,
  AskReportDevice,
  askSubject,
  type CountingDevice,
  ledgerNameOf,
  newId,
  type Observation,
  observationSubject,
  type Scan,
} from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import postgres from "postgres";
import { openDesk, site } from "./test-day.ts";
import { busyLike, type SeededFault } from "./test-fault.ts";

/** Longer than anything of ours is open, on a busy machine, too: what a store's transaction may take. */
export const transactionSecondsMax = 15;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const otherSite = "south";
/** More than one person may write off in an hour, by so many rows a command. */
const [writtenOff, rowsPerCommand] = [502, 251];
const betweenLooksMs = 50;

/** What faults are made of, and what ends those that last. */
type Ground = {
  readonly bus: Bus;
  readonly sql: postgres.Sql;
  /** A thing on the shelf, a random one that no other fault is of. */
  readonly thing: () => string;
  readonly ends: AsyncDisposableStack;
};

/**
 * What devices, readers, people and the house do rather than a hand in a row. Much of it cannot be taken back, since audits tell of it that
 * it happened, so that all of them are made at once.
 */
export type LiveFault = Omit<SeededFault, "seed" | "standsAlone"> & {
  /** Makes it so, and gives the key of the finding and, of what follows, what that is called by. */
  readonly make: (ground: Ground) => Promise<readonly [string, ...string[]]>;
};

const at = (offsetMs: number): string => new Date(Date.now() + offsetMs).toISOString();

/** Hands scans of one thing in as a device does that counts them, or that says when it sends. */
const send = (
  { bus, thing }: Ground,
  device: string,
  batches: readonly (readonly Partial<Scan>[])[],
  sentAt?: string,
): Promise<[string]> => {
  const { hand } = openDesk(bus, device);
  const tag = thing();
  const scanOf = (scan: Partial<Scan>): Scan => ({
    ...{ id: newId(), tag, type: "touch", scannedAt: at(0) },
    ...scan,
  });
  return batches
    .reduce<Promise<unknown>>(
      (before, scans) =>
        before.then(() =>
          hand("scans.record", { scans: scans.map(scanOf), ...(sentAt === undefined ? {} : { sentAt }) }),
        ),
      Promise.resolve(),
    )
    .then(() => [device]);
};

const hear = ({ bus }: Ground, tag: string, tid: string) => {
  const one: Observation = {
    ...{ id: newId(), tag, place: "dock", tid, antenna: 1, reads: 7, peakRssiDbm: -41.5 },
    ...{ firstHeardAt: at(0), lastHeardAt: at(0) },
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  const payload = JSON.stringify({ observations: [one] });
  return publishInOrder(bus, [
    { subject: observationSubject(site, "dock"), id: newId(), payload, headers: {} },
  ]);
};

/** What the gateway of a reader says of it; all is well unless something else is said. */
const readerOf = (id: string, change: { clockOffsetMs?: number; reads?: number }) => ({
  ...{ id, site, driver: "llrp", address: "127.0.0.1:5084", clockOffsetMs: change.clockOffsetMs ?? 0 },
  counts: {
    ...{ frames: 3, malformed: 0, reads: change.reads ?? 6, filtered: 2, held: 0, observed: 4 },
    ...{ observations: 4, accepted: 4, alreadyApplied: 0, rejected: 0, quarantined: 0, pending: 0 },
  },
});

const ofClocks: readonly LiveFault[] = [
  {
    name: "a device's clock is an hour ahead",
    code: "clock_ahead",
    make: (ground) => send(ground, "fast", [[{ scannedAt: at(hourMs) }]]),
  },
  {
    name: "a device says that it sends two hours ago",
    code: "clock_skew",
    make: (ground) => send(ground, "behind", [[{}]], at(-2 * hourMs)),
  },
  {
    name: "a device hands in after four days",
    code: "backdated",
    also: ["late_arrival"],
    make: (ground) => send(ground, "offline-for-days", [[{ scannedAt: at(-100 * hourMs) }]]),
  },
  {
    name: "a device is overtaken by another one",
    code: "late_arrival",
    make: async (ground) => {
      const tag = ground.thing();
      await openDesk(ground.bus, "in-time").scan("service", [tag], { status: "inspect" });
      return send({ ...ground, thing: () => tag }, "overtaken", [
        [{ type: "return", scannedAt: at(-hourMs) }],
      ]);
    },
  },
  {
    name: "a device's clock is set back by half an hour",
    code: "time_travel",
    also: ["late_arrival"],
    make: (ground) => send(ground, "set-back", [[{}], [{ scannedAt: at(-30 * minuteMs) }]]),
  },
];

const ofDevices: readonly LiveFault[] = [
  {
    name: "scans that a device has counted never came",
    code: "read_gap",
    make: (ground) => send(ground, "lossy", [[{ seq: 1 }, { seq: 5 }]]),
  },
  {
    name: "two scans of a device came under one number",
    code: "sequence_reused",
    make: (ground) => send(ground, "cloned", [[{ seq: 1 }, { seq: 2 }, { seq: 2 }]]),
  },
  {
    name: "a device has lost its memory with scans in it",
    code: "device_lost",
    make: async (ground) => {
      const [first, second] = [newId(), newId()].map(
        (incarnation): CountingDevice => ({ id: "forgetful", incarnation }),
      ) as [CountingDevice, CountingDevice];
      const report = (device: CountingDevice, headSeq: number, queued: number, reportedAt: string) =>
        ask(ground.bus, AskReportDevice, {
          ...{ site, person: "ann", at: reportedAt },
          report: { device, headSeq, queued, attention: 0, storage: "best-effort" },
        });
      const made = await send(ground, ledgerNameOf(first), [[{ seq: 1 }, { seq: 2 }]]);
      await report(first, 5, 3, at(-minuteMs));
      await report(second, 0, 0, at(0));
      return made;
    },
  },
  {
    name: "a reader's clock is off",
    code: "clock_skew",
    make: async ({ bus, ends }) => {
      const readers = [readerOf("dock", { clockOffsetMs: 45_000 }), readerOf("gate", { reads: 7 })];
      const said = { epoch: 0, pos: 0, next: null, readers };
      const gateway = answerOn(bus, { subject: askSubject(AskReaders) }, async () => said);
      ends.defer(gateway.stop);
      return ["dock"];
    },
  },
  {
    name: "what became of the reads of a reader does not add up",
    code: "ledger_open",
    // Said by whoever tells of the clock of the other one.
    make: async () => ["gate"],
  },
];

const ofPeople: readonly LiveFault[] = [
  {
    name: "one EPC is read from two chips",
    code: "tag_cloned",
    make: async (ground) => {
      const tag = ground.thing();
      await hear(ground, tag, "E280110520001111");
      await hear(ground, tag, "E280110520002222");
      await eventually("both chips are in the log", async () => {
        const [row] = await ground.sql<{ chips: number }[]>`
          select count(*)::int as chips from operations.event where tag = ${tag} and data->'scan' ? 'tid'`;
        return row?.chips === 2;
      });
      return [tag];
    },
  },
  {
    name: "one EPC is scanned at two sites within minutes",
    code: "travel_impossible",
    make: async ({ bus }) => {
      const epc = "E280689000000000000000AB";
      const { hand, scan } = openDesk(bus, "tablet-2", otherSite);
      await hand("site.create", { id: otherSite, name: "South", timeZone: "America/Chicago" });
      await hand("item.create", { tag: epc, class: "tent" });
      await scan("touch", [epc], { place: "gate" });
      await openDesk(bus, "in-time").scan("touch", [epc], { place: "dock" });
      return [epc];
    },
  },
  {
    name: "somebody writes off hundreds of things by hand",
    code: "mass_change",
    make: async ({ bus }) => {
      const { hand } = openDesk(bus, "office");
      for (const status of ["ready", "retired"] as const)
        for (let from = 0; from < writtenOff; from += rowsPerCommand) {
          const rows = Array.from({ length: rowsPerCommand }, (_, index) => ({
            ...{ id: newId(), tag: `OFF-${from + index}`, class: "tent", status },
          }));
          await hand("items.import", { dryRun: false, rows });
        }
      return ["ann"];
    },
  },
];

const ofTheHouse: readonly LiveFault[] = [
  {
    name: "somebody has begun a transaction and gone home",
    code: "transaction_old",
    make: async ({ sql, ends }) => {
      const forgotten = await sql.reserve();
      ends.defer(async () => {
        await forgotten`commit`;
        forgotten.release();
      });
      await forgotten`begin`;
      await forgotten`select 1`;
      return ["transaction"];
    },
  },
  {
    name: "the manager adds up something else at a barrier than it has",
    code: "bucket_diff",
    also: ["bucket_diff"],
    make: async ({ sql, ends }) => {
      const rows = await sql<{ bucket: string }[]>`
        select distinct manager.tagwire_bucket(class, 4096)::text as bucket from manager.rental_class where site = ${site}`;
      ends.defer(() => sql`drop function manager.forget cascade`.then(() => {}));
      await sql.unsafe(`
        create function manager.forget() returns trigger language plpgsql as $$
          begin new.digest := '0:0:0:0:0'; new.vector := ''; return new; end $$;
        create trigger forget before insert on manager.barrier_vector for each row
          when (new.entity = 'class' and new.site = '${site}') execute function manager.forget()`);
      return rows.map(({ bucket }) => bucket) as [string, ...string[]];
    },
  },
  {
    name: "the database does not answer a rule in time",
    code: "rule_late",
    make: async ({ sql, ends }) => {
      // Nobody who scans here hears a tag of a session twice, so that nobody else wants these rows.
      const holding = await sql.reserve();
      let isOver = false;
      await holding`begin`;
      await holding`lock table operations.session_repeat`;
      // As its own limit ends a statement, and sooner.
      const ending = (async () => {
        for (; !isOver; await wait(betweenLooksMs))
          await sql`
            select pg_cancel_backend(pid) from pg_stat_activity
            where query like '%session_repeat%' and cardinality(pg_blocking_pids(pid)) > 0`;
      })();
      ends.defer(async () => {
        isOver = true;
        await ending;
        await holding`rollback`;
        holding.release();
      });
      return ["session_count session"];
    },
  },
];

/** Every way there is. What has to last for a while to be found comes first. */
export const liveFaults: readonly LiveFault[] = [...ofTheHouse, ...ofClocks, ...ofDevices, ...ofPeople];

/** Makes all of them at once, and gives what their findings have to be called; all that lasts ends with what is given. */
export const makeLiveFaults = async (bus: Bus, databaseUrl: string) => {
  const ends = new AsyncDisposableStack();
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} });
  ends.defer(() => sql.end());
  try {
    const things = await sql<{ tag: string }[]>`
      select tag from operations.item
      where site = ${site} and status = 'ready' and contract is null and tag not like ${busyLike} order by random()`;
    const thing = () => {
      const next = things.pop();
      if (next === undefined) throw new Error("there are not so many things on the shelf");
      return next.tag;
    };
    const all = [];
    for (const { make, ...fault } of liveFaults) {
      const names = await make({ bus, sql, thing, ends });
      all.push({ fault, key: names[0], things: new Set(names), words: new Set(names) });
    }
    await eventually("the transaction is open for long", async () => {
      const [row] = await sql<{ isOld: boolean }[]>`
        select now() - min(xact_start) > ${transactionSecondsMax} * interval '1 second' as "isOld"
        from pg_stat_activity where state = 'idle in transaction'`;
      return row?.isOld;
    });
    return { all, [Symbol.asyncDispose]: () => ends.disposeAsync() };
  } catch (error) {
    await ends.disposeAsync();
    throw error;
  }
};
