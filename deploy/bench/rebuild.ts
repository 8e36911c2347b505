import { setTimeout as wait } from "node:timers/promises";
import { fillLog } from "./bulk-scans.ts";
import { figureOf, type Row, timed } from "./figure.ts";
import { type Setting, untilQuiet } from "./setting.ts";

const eventsPerSecondMin = 20_000;
const pageEvents = 1_000;
const pollMs = 10;
const timeoutMs = 180_000;

type Progress = { readonly applied: number; readonly total: number };

/** Where the manager stands; undefined while its schema is gone. */
const look = async ({ sql }: Setting): Promise<Progress | undefined> => {
  const [row] = await sql<Progress[]>`
    select coalesce(sum(at.pos), 0)::int as applied, coalesce(sum(site.pos), 0)::int as total
    from operations.site left join manager.site_position at using (site)`.catch((error: unknown) => {
    const isGone = /^(3F000|42P01)$/.test(String((error as { code?: unknown }).code));
    if (isGone) return [];
    throw error;
  });
  return row;
};

type Rebuilt = { readonly eventsPerSecond: number; readonly seconds: number };

/** Drops everything the manager has and watches it come back, from the last look that found nothing to the last event. */
const rebuild = async (setting: Setting): Promise<Rebuilt> => {
  const droppedAt = performance.now();
  await setting.sql`drop schema manager cascade`;
  let emptyAt = droppedAt;
  while (performance.now() - droppedAt < timeoutMs) {
    const lookedAt = performance.now();
    const seen = await look(setting);
    if (seen === undefined || seen.applied === 0) emptyAt = lookedAt;
    else if (seen.applied === seen.total) {
      const now = performance.now();
      return {
        eventsPerSecond: seen.total / ((now - emptyAt) / 1_000),
        seconds: (now - droppedAt) / 1_000,
      };
    }
    await wait(pollMs);
  }
  throw new Error(`the manager was not whole again within ${timeoutMs} ms`);
};

/** Reads every event page by page and writes the items that it names, set-based, and nothing else. */
const copyPlainly = async ({ sql }: Setting): Promise<number> => {
  const items = new Map<string, object>();
  for (const row of await sql<{ site: string; tag: string }[]>`select * from manager.item`)
    items.set(`${row.site}/${row.tag}`, row);
  const sites = await sql<{ site: string }[]>`select site from operations.site order by site`;
  await sql`truncate bench.projected`;
  let events = 0;
  const ms = await timed(async () => {
    for (const { site } of sites) {
      for (let after = 0; ; ) {
        const page = await sql<{ pos: number; tag: string | null }[]>`
          select * from operations.event where site = ${site} and epoch = 1 and pos > ${after} order by pos limit ${pageEvents}`;
        if (page.length === 0) break;
        events += page.length;
        after = page.at(-1)?.pos ?? after;
        const tags = new Set(page.flatMap(({ tag }) => tag ?? []));
        const rows = [...tags].flatMap((tag) => items.get(`${site}/${tag}`) ?? []);
        await sql`
          insert into bench.projected
          select * from json_populate_recordset(null::bench.projected, ${JSON.stringify(rows)}::text::json)
          on conflict (site, tag) do update set class = excluded.class, name = excluded.name, status = excluded.status,
            quality = excluded.quality, place = excluded.place, contract = excluded.contract, notes = excluded.notes,
            version = excluded.version, pos = excluded.pos, last_fact_at = excluded.last_fact_at,
            last_scan = excluded.last_scan, changed_at = excluded.changed_at`;
      }
    }
  });
  return events / (ms / 1_000);
};

/** The manager's schema is dropped and made again from operations' log. */
export const measureRebuild = async (setting: Setting): Promise<Row[]> => {
  const { sizes } = setting;
  await fillLog(setting, sizes.rebuildEventsMin);
  await untilQuiet(setting);
  const floor: number[] = [];
  const rates: number[] = [];
  const seconds: number[] = [];
  for (let round = 0; round < sizes.rebuildRounds; round += 1) {
    floor.push(await copyPlainly(setting));
    const rebuilt = await rebuild(setting);
    rates.push(rebuilt.eventsPerSecond);
    seconds.push(rebuilt.seconds);
  }
  const events = (await look(setting))?.total ?? 0;
  const figures = { floor: figureOf(floor), product: figureOf(rates) };
  return [
    {
      measurement: "rebuild",
      what: `manager rebuilt from the log, ${events} events`,
      unit: "events/s",
      ...figures,
      target: {
        text: `≥ ${eventsPerSecondMin} events/s`,
        isMet: figures.product.median >= eventsPerSecondMin,
      },
    },
    {
      measurement: "rebuild",
      what: "from the dropped schema to the last event",
      unit: "s",
      product: figureOf(seconds),
      note: "with noticing it, making the schema and claiming the lease",
    },
  ];
};
