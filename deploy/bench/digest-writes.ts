import { handIn } from "./bulk-scans.ts";
import { figureOf, type Row, timed } from "./figure.ts";
import { canMeasureMemory } from "./memory.ts";
import { processorTimes, spentMs } from "./process-cpu.ts";
import { familyOf } from "./process-memory.ts";
import { type Setting, untilQuiet } from "./setting.ts";
import { stock } from "./stock.ts";

const site = "digests";
const overheadMax = 0.15;
const schemas = ["operations", "manager"] as const;
const perThousand = 1_000;

/** What costs something while writing only so that audits have it: triggers that keep sums, and indexes on the buckets of rows. */
const openKeeping = async ({ sql }: Setting) => {
  const triggers = await sql<{ schema: string; table: string; name: string }[]>`
    select nspname as schema, relname as table, tgname as name
    from pg_trigger join pg_class on pg_class.oid = tgrelid join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = any(${[...schemas]}) and tgname like 'digest_of_%'`;
  const indexes = await sql<{ name: string; made: string }[]>`
    select format('%I.%I', schemaname, indexname) as name, indexdef as made from pg_indexes
    where schemaname = any(${[...schemas]}) and indexdef like '%tagwire_bucket%'`;
  const turn = async (verb: "disable" | "enable") => {
    for (const { schema, table, name } of triggers)
      await sql.unsafe(`alter table ${schema}."${table}" ${verb} trigger "${name}"`);
  };
  return {
    indexes: indexes.length,
    stop: async () => {
      await turn("disable");
      for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
    },
    goOn: async () => {
      for (const { made } of indexes) await sql.unsafe(made);
      await turn("enable");
    },
  };
};

/** Those who write: Postgres with all its connections, and both sides. */
const writersOf = ({ system: { postgresPid, services } }: Setting): readonly number[] => [
  ...familyOf(postgresPid),
  ...services.filter(({ name }) => schemas.some((schema) => schema === name)).map(({ pid }) => pid),
];

/**
 * What it costs to keep digests while writing: scans of one site in bulk, by turns without whatever audits need of a write (the floor)
 * and with it. Both are the product, in the same run; the manager follows and keeps its own. Processor time is what a busy machine
 * cannot hide.
 */
export const measureDigestWrites = async (setting: Setting): Promise<Row[]> => {
  const { bus, sizes } = setting;
  const { bulkScansPerRound: scans } = sizes;
  await stock(bus, site, sizes.bulkItems);
  await handIn(setting, 0, site);
  await untilQuiet(setting);
  const keeping = await openKeeping(setting);
  const [floor, product]: { scansPerSecond: number; spentMs: number }[][] = [[], []];
  let handed = scans;
  const round = async () => {
    const before = canMeasureMemory ? processorTimes(writersOf(setting)) : new Map();
    const ms = await timed(() => handIn(setting, handed, site));
    handed += scans;
    await untilQuiet(setting);
    const spent = canMeasureMemory ? spentMs(before, processorTimes(writersOf(setting))) : Number.NaN;
    return { scansPerSecond: scans / (ms / 1_000), spentMs: (spent * perThousand) / scans };
  };
  const without = async () => {
    await keeping.stop();
    floor?.push(await round());
    await keeping.goOn();
  };
  const withAll = async () => {
    product?.push(await round());
  };
  // Whoever is first in a pair is so in every other pair only: tables grow, and caches fill.
  for (let at = 0; at < 2 * sizes.rounds; at += 1)
    for (const turn of at % 2 === 0 ? [without, withAll] : [withAll, without]) await turn();
  const figures = (of: "scansPerSecond" | "spentMs") => ({
    floor: figureOf((floor ?? []).map((one) => one[of])),
    product: figureOf((product ?? []).map((one) => one[of])),
  });
  const [speed, spent] = [figures("scansPerSecond"), figures("spentMs")];
  const text = `≤ ${overheadMax * 100} % more than without`;
  const note = `floor = the same without their triggers and ${keeping.indexes} indexes on buckets, in turns with them`;
  return [
    {
      measurement: "digests",
      what: "authoritative scans in bulk, digests kept while writing",
      unit: "scans/s",
      ...speed,
      target: {
        text: `≤ ${overheadMax * 100} % slower than without`,
        isMet: speed.product.median >= (1 - overheadMax) * speed.floor.median,
      },
      note,
    },
    ...(canMeasureMemory
      ? [
          {
            measurement: "digests",
            what: "processor time of a thousand such scans: Postgres, operations, manager",
            unit: "ms",
            ...spent,
            target: { text, isMet: spent.product.median <= (1 + overheadMax) * spent.floor.median },
            note,
          },
        ]
      : []),
  ];
};
