import { handIn } from "./bulk-scans.ts";
import { figureOf, type Row, timed } from "./figure.ts";
import { type Setting, untilQuiet } from "./setting.ts";
import { stock } from "./stock.ts";

const site = "digests";
const overheadMax = 0.15;
const schemas = ["operations", "manager"] as const;

/** Stops what keeps the digests of both sides, or lets it go on. */
const keepDigests = async ({ sql }: Setting, verb: "disable" | "enable"): Promise<void> => {
  const triggers = await sql<{ schema: string; table: string; name: string }[]>`
    select nspname as schema, relname as table, tgname as name
    from pg_trigger join pg_class on pg_class.oid = tgrelid join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = any(${[...schemas]}) and tgname like 'digest_of_%'`;
  for (const { schema, table, name } of triggers)
    await sql.unsafe(`alter table ${schema}."${table}" ${verb} trigger "${name}"`);
};

/**
 * What it costs to keep digests while writing: scans of one site in bulk, by turns without the digests (the floor) and with them. Both
 * are the product, in the same run; the manager follows and keeps its own.
 */
export const measureDigestWrites = async (setting: Setting): Promise<Row[]> => {
  const { bus, sizes } = setting;
  await stock(bus, site, sizes.bulkItems);
  await handIn(setting, 0, site);
  await untilQuiet(setting);
  const floor: number[] = [];
  const product: number[] = [];
  let handed = sizes.bulkScansPerRound;
  const round = async (): Promise<number> => {
    const ms = await timed(() => handIn(setting, handed, site));
    handed += sizes.bulkScansPerRound;
    await untilQuiet(setting);
    return sizes.bulkScansPerRound / (ms / 1_000);
  };
  for (let at = 0; at < sizes.rounds; at += 1) {
    await keepDigests(setting, "disable");
    floor.push(await round());
    await keepDigests(setting, "enable");
    product.push(await round());
  }
  const figures = { floor: figureOf(floor), product: figureOf(product) };
  return [
    {
      measurement: "digests",
      what: "authoritative scans in bulk, digests kept while writing",
      unit: "scans/s",
      ...figures,
      target: {
        text: `≤ ${overheadMax * 100} % slower than without`,
        isMet: figures.product.median >= (1 - overheadMax) * figures.floor.median,
      },
      note: "floor = the same without digests, in turns with it",
    },
  ];
};
