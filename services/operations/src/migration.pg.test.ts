import { type MigrateSite, migrationGates, newId } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import { originOf } from "./actors/test-acts.ts";
import { readMigration } from "./store/migration.ts";
import { listSites } from "./store/sites.ts";
import { expectSound, type Member, type TestOperations, tellActs } from "./test-operations.ts";
import { eachOnItsSite } from "./test-told.ts";

/* The stage of a site, in its row and in its log; each test on a site of its own. */

let operations: TestOperations;
let member: Member;
let site: string;
eachOnItsSite((ground) => {
  ({ operations, member, site } = ground);
});

const gates = migrationGates.map((name) => ({
  ...{ name, met: true, needed: true, value: 1, target: 1, unit: "share" as const, why: null, asOf: null },
}));
const migrate = (body: Partial<MigrateSite>, id = newId()): Act => ({
  kind: "site.migrate",
  id,
  origin: originOf({ by: { person: "ann" } }),
  body: { from: "parallel", direction: "advance", gates, ...body },
});

const codesOf = async (acts: readonly Act[]) =>
  (await tellActs(member, site, acts)).map((answer) =>
    answer instanceof Error ? answer.message.split(":")[0] : answer.receipt.outcome,
  );

test("a site begins in parallel, and its row follows its log there and back", async () => {
  const { sql } = operations;
  expect(await readMigration(sql, site)).toMatchObject({ stage: "parallel", by: null, history: [] });

  const id = newId();
  expect(await codesOf([migrate({}, id)])).toEqual(["accepted"]);
  // The same click again is the same step, whatever is measured by then; another one that saw the stage before moves nothing.
  expect(await codesOf([migrate({ gates: [] }, id), migrate({})])).toEqual([
    "accepted",
    "migration.stage_moved",
  ]);
  // Under its id another step is another wish, also where only what the caller saw is another.
  expect(await codesOf([migrate({ from: "switched" }, id)])).toEqual(["id_reused"]);
  const listed = (await listSites(sql)).find((one) => one.id === site);
  expect(listed?.stage).toBe("switched");

  const back = migrate({ from: "switched", direction: "rollback", why: "scans are missing" });
  expect(await codesOf([back])).toEqual(["accepted"]);
  const { log } = await expectSound(sql, site);
  const steps = log.filter(({ type }) => type === "site.migration_moved.v1");
  expect(await readMigration(sql, site)).toEqual({
    stage: "parallel",
    since: steps[1]?.recordedAt,
    by: { person: "ann" },
    history: steps
      .toReversed()
      .map(({ data, recordedAt, by, epoch, pos }) => ({ ...data, at: recordedAt, by, epoch, pos })),
  });
  expect(steps.map(({ data }) => data.why)).toEqual([null, "scans are missing"]);
});

test("two who advance at once take one step", async () => {
  const codes = await codesOf([migrate({}), migrate({})]);
  expect(codes).toEqual(["accepted", "migration.stage_moved"]);
});

test("of a site that there is not there is nothing to tell", async () => {
  expect(await readMigration(operations.sql, "nowhere")).toBeUndefined();
});
