import { migrate, openStore } from "@tagwire/store";
import { eventually, quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { migrations, schema } from "./migrations.ts";
import { beginAnew } from "./replay.ts";

const site = "north";

test("a site is begun anew while whoever projects is about to move it, and neither waits for the other for ever", async () => {
  await using database = await testDatabase();
  await migrate(database.url, schema, migrations);
  const { sql, close } = await openStore({ url: database.url, schema, name: "test", log: quietLog() });
  await sql`
    insert into partition (partition, owner, epoch, until) values (0, 'projector', 1, 'infinity')
    on conflict (partition) do update set owner = excluded.owner, epoch = excluded.epoch, until = excluded.until`;
  const move = (pos: number) => sql`
    insert into site_position (site, epoch, pos, hash) values (${site}, 1, ${pos}, '')
    on conflict (site) do update set pos = excluded.pos`;
  await move(1);

  const projecting = await sql.reserve();
  await projecting`begin`;
  await projecting`select 1 from partition where partition = 0 for share`;
  const begun = beginAnew(sql, site);
  await eventually("it waits for whoever projects", async () => {
    const waiting = await sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    return waiting.length > 0;
  });
  await projecting`update site_position set pos = 2 where site = ${site}`;
  await projecting`commit`;
  projecting.release();

  expect(await begun).toBe(true);
  expect(await sql`select 1 from site_position`).toHaveLength(0);
  expect(await sql`select owner, epoch from partition where partition = 0`).toMatchObject([
    { owner: null, epoch: 2 },
  ]);
  expect(await beginAnew(sql, site)).toBe(false);
  // Of a site without rows nothing has to be made anew, and whoever projects goes on.
  expect(await sql`select epoch from partition where partition = 0`).toMatchObject([{ epoch: 2 }]);
  await close();
});
