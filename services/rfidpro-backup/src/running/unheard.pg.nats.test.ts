import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { findRun } from "../store/runs.ts";
import { openTestService, wish } from "./test-service.ts";
import { unheardWhy } from "./unheard.ts";

test("of a run whose owner is silent it is said that nobody knows, and its owner takes that back", async () => {
  await using service = await openTestService();
  const held = Promise.withResolvers<void>();
  service.fake.control.faults.add({ act: "held", until: held.promise, times: 99 });
  const [one, other] = [await service.open({ answerTimeoutMs: 600_000 }), await service.open()];
  const { id, site } = await one.runs.begin(wish({ datasets: ["classes"] }));
  const why = async () => (await findRun(other.sql, id))?.run.why;

  // Nobody looks after this one: the last word of its owner is six seconds old, and it is its owner's for fourteen more.
  const silent = "00000000-0000-8000-8000-000000000001";
  await other.sql`
    insert into run (id, site, asked, state, started_at, owner, owned_until, version, run)
    select ${silent}, 'silent', asked, state, started_at, 'somebody', now() + interval '14 s', version,
      run || jsonb_build_object('id', ${silent}::text, 'site', 'silent') from run where id = ${id}`;
  await eventually("it is said of the silent one", async () => {
    // Six seconds old it stays, however slowly this goes: later it would be taken up.
    await other.sql`update run set owned_until = now() + interval '14 s' where id = ${silent}`;
    const run = (await findRun(other.sql, silent))?.run;
    return run?.why === unheardWhy && run.state === "running";
  });
  // Its process is there, and reads: whatever another took it for is not so.
  await other.sql`update run set run = run || jsonb_build_object('why', ${unheardWhy}::text) where id = ${id}`;
  await eventually("its owner takes it back", async () => (await why()) === null);

  held.resolve();
  expect(await one.runs.ended(id)).toMatchObject({ site, verdict: "complete" });
});
