import { answer, answerOn, ask, type Bus, openBus } from "@tagwire/bus";
import {
  AskFindings,
  AskManagerAudit,
  AskParked,
  AskReaders,
  AskRunAudit,
  askSubject,
  formsVersion,
} from "@tagwire/messages";
import { quietLog, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { site, workADay } from "./test-day.ts";

/* What an audit says when it cannot say more: sums of a moment, a manager that is late, and sides of different releases. */

const timeoutMs = 90_000;
const testTimeoutMs = 600_000;

const audit = async (bus: Bus) => (await ask(bus, AskRunAudit, { site, by: "ann" }, { timeoutMs })).audit;
const said = async (bus: Bus, state: "suspect" | "open" | "auto_healed"): Promise<string[]> => {
  const { findings } = await ask(bus, AskFindings, { site, limit: 100, cursor: null, states: [state] });
  return findings.map(({ code, key }) => `${code} ${key}`).sort();
};

/** Audits until both sides agree at two in a row, which heals; one that a side was too slow for says nothing. */
const auditUntilHealed = async (bus: Bus): Promise<void> => {
  for (let agreed = 0, done = 0; agreed < 2; done += 1) {
    expect(done).toBeLessThan(12);
    agreed = (await audit(bus)).verdict === "agree" ? agreed + 1 : 0;
  }
};

/** The columns of a reader that has taken 7 reads, and says of only 6 what became of them, and whose clock is 45 s off. */
const dock = {
  ...{ id: "dock", site, driver: "llrp", address: "127.0.0.1:5084", clockOffsetMs: 45_000 },
  counts: {
    ...{ frames: 3, malformed: 0, reads: 7, filtered: 2, held: 0, observed: 4 },
    ...{ observations: 4, accepted: 4, alreadyApplied: 0, rejected: 0, quarantined: 0, pending: 0 },
  },
};

test("sums that differed for a moment, a reader that does not add up, a manager that hangs and one of another release are each called by their name", {
  timeout: testTimeoutMs,
}, async () => {
  await using stack = await startStack({
    services: ["operations", "manager", "health-check"],
    env: { AUDIT_EVERY_SECONDS: "86400", AUDIT_BARRIER_SECONDS: "2" },
  });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await workADay(bus);
  const unanswered = [{ what: "readers", why: "unanswered" }];
  expect(await audit(bus)).toMatchObject({ verdict: "agree", found: [], unproven: unanswered });

  // What the manager takes at a barrier is wrong then, of one class, and what it has is not.
  const [kept] = await sql<[{ bucket: number }]>`
    select manager.tagwire_bucket(class, 4096) as bucket from manager.rental_class where site = ${site}`;
  await sql.unsafe(`
    create function manager.forget() returns trigger language plpgsql as $$
      begin new.digest := '0:0:0:0:0'; new.vector := ''; return new; end $$;
    create trigger forget before insert on manager.barrier_vector for each row when (new.entity = 'class')
      execute function manager.forget()`);
  const gatewayOf = (readers: readonly object[]) =>
    answerOn(bus, { subject: askSubject(AskReaders) }, async () => ({
      epoch: 0,
      pos: 0,
      next: null,
      readers,
    }));
  const gateway = gatewayOf([dock]);
  const sums = `bucket_diff ${kept?.bucket}`;
  const skewed = "clock_skew dock";
  expect(await audit(bus)).toMatchObject({ unproven: [] });
  expect(await said(bus, "open")).toEqual([skewed, "ledger_open dock"]);
  expect(await said(bus, "suspect")).toEqual([sums]);
  await audit(bus);
  expect(await said(bus, "open")).toEqual([sums, skewed, "ledger_open dock"]);
  await gateway.stop();
  await sql`drop function manager.forget cascade`;
  await auditUntilHealed(bus);
  // Nobody says how readers are: that is no word that they are well.
  expect(await audit(bus)).toMatchObject({ unproven: unanswered });
  expect(await said(bus, "auto_healed")).toEqual([sums]);
  expect(await said(bus, "open")).toEqual([skewed, "ledger_open dock"]);
  const right = gatewayOf([{ ...dock, clockOffsetMs: 0, counts: { ...dock.counts, reads: 6 } }]);
  await auditUntilHealed(bus);
  await right.stop();
  expect(await said(bus, "auto_healed")).toEqual([sums, skewed, "ledger_open dock"]);

  const manager = stack.service("manager");
  process.kill(manager.pid, "SIGSTOP");
  expect(await audit(bus)).toMatchObject({ verdict: "incomplete" });
  expect(await said(bus, "suspect")).toEqual(["projection_lag manager"]);
  await audit(bus);
  expect(await said(bus, "open")).toEqual(["projection_lag manager"]);
  process.kill(manager.pid, "SIGCONT");
  await auditUntilHealed(bus);

  // In its place comes one that adds its rows up by other forms.
  await manager.kill("SIGKILL");
  const newer = [
    answer(bus, AskParked, async () => ({ count: 0, examples: [] })),
    answer(bus, AskManagerAudit.barrier, async () => ({
      ...{ epoch: 1, pos: 1, forms: formsVersion + 1, digests: {} },
    })),
  ];
  expect(await audit(bus)).toMatchObject({ verdict: "incomplete", found: [{ code: "forms_differ" }] });
  await audit(bus);
  expect(await said(bus, "open")).toEqual(["forms_differ forms"]);
  for (const one of newer) await one.stop();
  await stack.start("manager");
  await auditUntilHealed(bus);
  expect(await said(bus, "open")).toEqual([]);
  await sql.end();
  await bus.close();
});
