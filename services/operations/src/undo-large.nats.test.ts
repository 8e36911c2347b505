import { Fault, newId } from "@tagwire/messages";
import { eventually, GiveUp } from "@tagwire/testing";
import { expect, test } from "vitest";
import { testGround } from "./test-ground.ts";
import { commandOf, insist, scanOf, send } from "./test-service.ts";

/*
 * An undo of a large session by the process as it runs, under the lease that it has unless told otherwise. What takes long is made to by a lock,
 * so that it does on every machine: 600 scans do as 15,000 would.
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
  for (const part of inRequests(500))
    await insist<"items.import">(
      bus,
      site,
      commandOf("items.import", {
        rows: part.map((tag) => ({ id: newId(), tag, class: "chair" })),
        dryRun: false,
      }),
    );
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
  await insist<"session.close">(bus, site, commandOf("session.close", { session, close: {} }));
  const commandTo = (preview: boolean) => commandOf("events.undo", { session, preview });
  /** What a slow machine makes of its lease is not asked here: while nobody owns the site, whoever asks does so again. */
  const look = () =>
    eventually(
      "somebody looked",
      () =>
        send<"events.undo">(bus, site, commandTo(true), answerTimeoutMs).catch((error: unknown) => {
          if (error instanceof Fault && error.code === "unavailable") return undefined;
          throw new GiveUp("it was not told", { cause: error });
        }),
      answerTimeoutMs,
    );

  // Reading waits for a lock for longer than a turn may take: whatever had the limits of turns would be cut off.
  const locked = await sql.reserve();
  await locked`begin`;
  await locked`lock table contract in access exclusive mode`;
  const looking = look();
  let isTold = false;
  void looking.then(
    () => (isTold = true),
    () => (isTold = true),
  );
  // Asked outside of the transaction that locks: within one, the list of who waits stays as it was first seen.
  await eventually("it was held for longer than a turn may take", async () => {
    const [held] = await sql<{ ms: number }[]>`
      select extract(epoch from clock_timestamp() - xact_start) * 1000 as ms from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' order by xact_start limit 1`;
    return isTold || Number(held?.ms ?? 0) > heldMs;
  });
  await locked`rollback`;
  locked.release();
  expect((await looking).receipt).toMatchObject({ outcome: "accepted" });
  expect((await look()).receipt).toMatchObject({ outcome: "accepted" });
  expect((await insist<"events.undo">(bus, site, commandTo(false))).receipt).toMatchObject({
    ...{ outcome: "accepted", message: `${scans} of ${scans} events were taken back` },
  });
  const [{ out }] = await sql<
    [{ out: number }]
  >`select count(*)::int as out from item where site = ${site} and contract is not null`;
  expect(out).toBe(0);
});
