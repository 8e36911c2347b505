import { openBus, request } from "@tagwire/bus";
import { type Audit, commandSubject, type Finding, newId } from "@tagwire/messages";
import { migrate, openStore } from "@tagwire/store";
import { eventually, quietLog, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { findUnaudited, listAudits } from "../store/audits.ts";
import { listFindings } from "../store/findings.ts";
import { migrations, schema } from "../store/migrations.ts";
import { leadAudits } from "./lead.ts";

/*
 * When audits take place, and by whom: two replicas, of which the one that leads dies, and then the other one, too; and several sites, of
 * which one hangs.
 */

const site = "north";
/** One whose audits cannot be kept, and one that comes after it. */
const [hanging, other] = ["hall", "quay"];
const everyMs = 2_000;
const testTimeoutMs = 300_000;
/** So many audits are waited for each time. */
const some = 4;
const bounds = { livesPerAudit: 100, transactionMsMax: 600_000, barrierWithinMs: 60_000, everyMs };

const endOf = ({ startedAt, durationMs }: Audit): number => Date.parse(startedAt) + durationMs;

test("audits go on when the replica that leads is killed, none is made twice, and that none took place is a finding of the next one", {
  timeout: testTimeoutMs,
}, async () => {
  await using stack = await startStack({
    services: ["operations", "manager", "health-check"],
    env: { AUDIT_EVERY_SECONDS: String(everyMs / 1_000) },
  });
  await using opened = new AsyncDisposableStack();
  const { databaseUrl: url, natsUrl } = stack;
  const log = quietLog();
  await migrate(url, schema, migrations);
  const { sql, close } = await openStore({ url, schema, name: "test", log });
  opened.defer(close);
  const bus = await openBus({ url: natsUrl, name: "test", log });
  opened.defer(() => bus.close());
  const makeSite = (id: string) => {
    const command = {
      ...{ kind: "site.create", id: newId(), by: { person: "ann" }, receivedAt: new Date().toISOString() },
      traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-00`,
      body: { id, name: id, timeZone: "America/Chicago" },
    };
    return request(bus, commandSubject(id), command, { timeoutMs: 30_000 });
  };
  await makeSite(site);

  const audits = async (of = site): Promise<Audit[]> =>
    (await listAudits(sql, { site: of, limit: 500, after: undefined })).reverse();
  const more = async (what: string): Promise<void> => {
    const before = (await audits()).length;
    await eventually(
      `audits go on ${what}`,
      async () => (await audits()).length >= before + some,
      testTimeoutMs,
    );
  };
  const late = async (): Promise<Finding[]> =>
    listFindings(sql, { site, limit: 10, after: undefined, codes: ["audit_late"] });

  const standby = await leadAudits({ bus, sql, log, ...bounds });
  await more("while two are there");
  expect(standby.leading()).toBeUndefined();
  await stack.service("health-check").kill("SIGKILL");
  await more("after the one that led was killed");
  expect(standby.leading()).toBeDefined();

  const all = await audits();
  expect(all.filter(({ by }) => by !== "tagwire")).toEqual([]);
  // A round begins no sooner than an interval after the one before; whoever takes over begins one of its own.
  const spanMs = Date.parse(all.at(-1)?.startedAt ?? "") - Date.parse(all[0]?.startedAt ?? "");
  expect(all.length).toBeLessThanOrEqual(spanMs / everyMs + 4);
  for (const [index, audit] of all.slice(1).entries())
    expect(Date.parse(audit.startedAt)).toBeGreaterThanOrEqual(endOf(all[index] as Audit) - 1);

  for (const one of [hanging, other]) {
    await makeSite(one);
    await eventually(`${one} is audited`, async () => (await audits(one)).length > 0, testTimeoutMs);
  }
  const holder = postgres(url, { max: 1, onnotice: () => {} });
  opened.defer(() => holder.end());
  await holder.begin(async (holding) => {
    await holding`select from health_check.audited_site where site = ${hanging} for update`;
    /** Which statement of an audit waits for the row, if one does: each gives up after some seconds, and another one comes. */
    const waits = async () =>
      (
        await holding<{ since: string }[]>`
          select pid || ' ' || query_start as since from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`
      )[0]?.since;
    const counts = async () => Promise.all([site, other].map(async (one) => (await audits(one)).length));
    let seen: { readonly since: string; readonly before: readonly number[] } | undefined;
    await eventually(
      "while one and the same audit hangs each of the others has one from its beginning to its end",
      async () => {
        const since = await waits();
        if (since === undefined) return false;
        const before = seen?.since === since ? seen.before : await counts();
        seen = { since, before };
        return (await counts()).every((count, at) => count >= (before[at] ?? 0) + 2);
      },
      testTimeoutMs,
    );
  });

  // Nobody is left who audits.
  await standby.stop();
  const isSilent = async () => {
    const unaudited = await findUnaudited(sql, site);
    return unaudited !== undefined && unaudited.nowMs - unaudited.sinceMs > 2 * everyMs;
  };
  await eventually("none came to its end for long", isSilent, testTimeoutMs);
  const last = (await audits()).at(-1) as Audit;
  const before = (await late())[0]?.lastSeenAt ?? "";
  const third = await leadAudits({ bus, sql, log, ...bounds });
  opened.defer(() => third.stop());
  const found = await eventually(
    "it is a finding",
    async () => (await late()).find(({ lastSeenAt }) => lastSeenAt > before),
    testTimeoutMs,
  );
  expect(found).toMatchObject({ entity: "site", key: "audits", severity: "high" });
  const [, from = "", to = ""] = /from (\S+) to (\S+),/.exec(found.evidence.detail ?? "") ?? [];
  // The end of the last audit by the clock of the database, within what writing it takes.
  expect(Date.parse(from)).toBeGreaterThanOrEqual(Date.parse(last.startedAt));
  expect(Date.parse(to) - Date.parse(from)).toBeGreaterThan(2 * everyMs);
  await eventually("it has healed", async () => (await late())[0]?.state === "auto_healed", testTimeoutMs);
});
