import { newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { testGround } from "./test-ground.ts";
import { commandOf, insist, scanOf, send } from "./test-service.ts";

/*
 * An undo of a large session by the process as it runs, under the lease that it has unless told otherwise. 12,500 scans were measured by
 * hand; fewer do for what can go wrong here.
 */

const scans = 600;
const leaseTtlMs = 3_000;
/** Longer than a turn may take under that lease, in ms. */
const heldMs = leaseTtlMs;
/** Whatever a slow machine takes. */
const answerTimeoutMs = 240_000;

const site = "large";
const tags = Array.from({ length: scans }, (_, index) => `thing ${index}`);
const inRequests = (size: number) =>
  Array.from({ length: Math.ceil(scans / size) }, (_, index) => tags.slice(index * size, (index + 1) * size));

test("a large session is looked at for as long as it takes, however short a turn has to be, and then taken back", async () => {
  await using ground = await testGround();
  const { bus, sql } = ground;
  ground.opened.use(await ground.start(leaseTtlMs));
  await insist<"site.create">(bus, site, commandOf("site.create", { id: site, name: site, timeZone: "UTC" }));
  let at = performance.now();
  const lap = (what: string) => {
    console.log(what, Math.round(performance.now() - at), "ms");
    at = performance.now();
  };
  for (const part of inRequests(500))
    await insist<"items.import">(
      bus,
      site,
      commandOf("items.import", {
        rows: part.map((tag) => ({ id: newId(), tag, class: "chair" })),
        dryRun: false,
      } as never),
    );
  lap("import");
  const session = newId();
  for (const more of [
    { type: "rental", contract: "before" },
    { type: "return" },
    { type: "touch", place: "hall" },
    { type: "rental", contract: "A", session },
  ] as const)
    for (const part of inRequests(500))
      await insist<"scans.record">(
        bus,
        site,
        commandOf("scans.record", { scans: part.map((tag) => scanOf(tag, more)) }),
      );
  lap("scans");
  await insist<"session.close">(bus, site, commandOf("session.close", { session, close: {} }));
  lap("close");
  const undo = (preview: boolean) =>
    send<"events.undo">(bus, site, commandOf("events.undo", { session, preview }), answerTimeoutMs);

  // Reading waits for a lock for longer than a turn may take: whatever had the limits of turns would be cut off.
  const locked = await sql.reserve();
  await locked`begin`;
  await locked`lock table contract in access exclusive mode`;
  const looking = undo(true);
  let isTold = false;
  void looking.then(
    () => (isTold = true),
    () => (isTold = true),
  );
  await eventually("it was held for longer than a turn may take", async () => {
    const [held] = await locked<{ ms: number }[]>`
      select extract(epoch from clock_timestamp() - xact_start) * 1000 as ms from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' order by xact_start limit 1`;
    return isTold || Number(held?.ms ?? 0) > heldMs;
  });
  await locked`rollback`;
  locked.release();
  lap("held");
  expect((await looking).receipt).toMatchObject({ outcome: "accepted" });
  lap("looked");
  expect((await undo(true)).receipt).toMatchObject({ outcome: "accepted" });
  lap("looked again");
  expect((await undo(false)).receipt).toMatchObject({
    ...{ outcome: "accepted", message: `${scans} of ${scans} events were taken back` },
  });
  lap("undone");
  const [{ out }] = await sql<
    [{ out: number }]
  >`select count(*)::int as out from item where site = ${site} and contract is not null`;
  expect(out).toBe(0);
});
