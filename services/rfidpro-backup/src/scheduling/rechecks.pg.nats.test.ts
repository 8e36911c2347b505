import { answer } from "@tagwire/bus";
import { AskEvents, AskSites, type LoggedEvent, type MigrationStage, newId } from "@tagwire/messages";
import { eventually, quietLog } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openTestService, runWhole } from "../running/test-service.ts";
import { listOfRun, listOfSite } from "../store/differences.ts";
import { listRuns } from "../store/runs.ts";
import { keepRechecks } from "./rechecks.ts";
import { keepRetries } from "./retries.ts";

/* What is pending is decided by itself: real pulls of a stand-in for RFIDpro, beside a log of operations that the test tells. */

const testTimeoutMs = 120_000;
const site = "north";

/** A thing that came into operations' record while RFIDpro was read, and that RFIDpro has not got. */
const created = (): LoggedEvent => {
  const at = new Date().toISOString();
  const item = {
    ...{
      tag: "NEW1",
      class: "chair",
      name: null,
      status: "ready",
      quality: null,
      place: null,
      contract: null,
    },
    ...{ notes: null, version: 1, lastFactAt: null, lastScan: null },
  };
  return {
    ...{ epoch: 1, pos: 1, id: newId(), type: "item.created.v1", site, tag: "NEW1" },
    ...{ receivedAt: at, recordedAt: at, by: { person: "ann" }, traceId: "", traceparent: "" },
    ...{ data: { item }, prevHash: "", hash: "" },
  };
};

test(
  "what is pending says when it is decided, and is by then, so often and no more; where a site has switched the next pull of a person decides; what a schedule began and what came to nothing is begun again",
  async () => {
    await using service = await openTestService({ scale: 0.002 });
    const one = await service.open();
    const { bus, sql, runs } = one;
    const house = {
      ...{
        id: site,
        name: "North",
        timeZone: "UTC",
        epoch: 1,
        pos: 1,
        createdAt: "2026-05-01T00:00:00.000Z",
      },
      stage: "parallel" as MigrationStage,
    };
    const log = [created()];
    const asked = answer(bus, AskSites, async () => ({ sites: [house] }));
    const told = answer(bus, AskEvents, async ({ after }) => ({
      ...{ epoch: 1, head: log.length, events: log.filter(({ pos }) => pos > after) },
    }));
    await bus.connection.flush();
    const pendingOf = async () => {
      const all = await listOfSite(sql, site, { limit: 50, after: undefined });
      return all.find(({ class: name, tag }) => name === "missing_from_rfid" && tag === "NEW1");
    };
    const ended = async () =>
      (await listRuns(sql, { site, limit: 50, after: undefined })).filter(({ state }) => state === "done");

    const first = await runWhole(one, { compare: true });
    const before = await pendingOf();
    expect(before?.state).toBe("pending");
    const dueMs = Date.parse(before?.recheckAt ?? "");
    expect(dueMs - Date.parse(before?.firstSeenAt ?? "")).toBeGreaterThan(14 * 60_000);
    expect(first.why).toContain(`begins by itself at ${before?.recheckAt?.slice(11, 16)} UTC`);

    let looks = 0;
    let nowMs = dueMs - 1;
    const rechecks = keepRechecks({
      ...{ sql, runs, log: quietLog(), everyMs: 20 },
      now: () => {
        looks += 1;
        return nowMs;
      },
    });
    await eventually("it has looked", () => looks > 3);
    expect(await ended()).toHaveLength(1);

    // It is still under way at the next look: that is promised again, three times in all, and then no more.
    nowMs = dueMs + 1;
    for (let number = 1; number <= 3; number += 1) {
      const again = await eventually("another pull has been compared", async () => {
        const all = await ended();
        return all.length > number ? all : undefined;
      });
      expect(again[0]).toMatchObject({
        how: "scheduled",
        by: "tagwire",
        verdict: "complete",
        rechecks: { number },
      });
      nowMs += 60 * 60_000;
    }
    expect(await pendingOf()).toMatchObject({ state: "pending", recheckAt: null });
    const looked = looks;
    await eventually("it has looked again", () => looks > looked + 3);
    expect(await ended()).toHaveLength(4);

    // Time has passed since it happened.
    nowMs = 0;
    await sql`update operations_item set touched_at = touched_at - interval '1 hour'`;
    await runWhole(one, { compare: true });
    expect(await pendingOf()).toMatchObject({ state: "open", recheckAt: null });

    // What was open before and is touched alone is told as pending, and is read again for as is said.
    await sql`update operations_item set touched_at = now()`;
    const touched = await runWhole(one, { compare: true });
    const waiting = await pendingOf();
    expect(waiting).toMatchObject({ state: "open", recheckAt: expect.any(String) });
    expect(touched.why).toContain(`begins by itself at ${waiting?.recheckAt?.slice(11, 16)} UTC`);
    const seenOf = await listOfRun(sql, touched.id, { limit: 50, after: undefined, states: ["pending"] });
    const ofItems = seenOf.filter(({ kind }) => kind === "item");
    expect(ofItems).toMatchObject([{ tag: "NEW1", recheckAt: waiting?.recheckAt }]);
    nowMs = Date.parse(waiting?.recheckAt ?? "") + 1;
    const decides = await eventually("it is read again", async () => {
      const [newest] = await ended();
      return newest?.id === touched.id ? undefined : newest;
    });
    expect(decides.rechecks).toEqual({ run: touched.id, number: 1 });
    nowMs = 0;

    // What a person has settled waits for nobody, so that no other pull is promised for it.
    await sql`
      update difference set state = 'resolved', difference = difference.difference || ${sql.json({
        ...{ state: "resolved", resolution: "accepted_difference", recheckAt: null },
      })} where site = ${site} and difference->>'recheckAt' is not null`;
    expect((await runWhole(one, { compare: true })).why).toContain("the next pull decides");

    // What is promised to a site that switches meanwhile is taken back, and no pull is begun.
    await sql`update operations_item set touched_at = now()`;
    await sql`delete from difference`;
    const last = await runWhole(one, { compare: true });
    expect((await pendingOf())?.recheckAt).not.toBeNull();
    house.stage = "switched";
    nowMs = Date.now() + 60 * 60_000;
    await eventually("it is taken back", async () => (await pendingOf())?.recheckAt === null);
    expect((await ended())[0]?.id).toBe(last.id);
    const switched = await runWhole(one, { compare: true });
    expect(switched.why).toContain("the next pull decides");
    await rechecks.stop();

    // What a schedule began and what came to nothing is begun again, at growing distances, until it is whole, and three times at most.
    house.stage = "parallel";
    const failsWith = (times: number) =>
      service.fake.control.faults.add({ act: "status", status: 404, on: { set: "items" }, times });
    failsWith(2);
    const lacking = await runWhole(one, { how: "scheduled", by: "tagwire", compare: true });
    expect(lacking).toMatchObject({ verdict: "partial" });
    const minuteMs = 60_000;
    let retriedMs = Date.parse(lacking.endedAt ?? "") + 15 * minuteMs - 1;
    let seen = 0;
    const retries = keepRetries({
      ...{ sql, runs, log: quietLog(), afterMs: 15 * minuteMs, everyMs: 20 },
      now: () => {
        seen += 1;
        return retriedMs;
      },
    });
    const settled = async () => {
      const from = seen;
      await eventually("it has looked again", () => seen > from + 2);
      await eventually("nothing goes on", async () => {
        const [newest] = await listRuns(sql, { site, limit: 1, after: undefined });
        return newest?.state === "done";
      });
    };
    const chain = async () =>
      (await listRuns(sql, { site, limit: 50, after: undefined }))
        .filter((run) => run.retries !== undefined)
        .toReversed();
    await settled();
    expect(await chain()).toEqual([]);
    retriedMs += 2;
    const again = await eventually("it was begun again", async () => (await chain())[0]);
    await settled();
    expect(await chain()).toMatchObject([
      { verdict: "partial", how: "scheduled", compare: true, retries: { run: lacking.id, number: 1 } },
    ]);
    // A quarter of an hour is not enough any more.
    retriedMs = Date.parse((await chain())[0]?.endedAt ?? "") + 29 * minuteMs;
    await settled();
    expect(await chain()).toHaveLength(1);
    retriedMs += 2 * minuteMs;
    await eventually("it was begun a second time", async () => (await chain()).length === 2);
    await settled();
    expect((await chain())[1]).toMatchObject({
      ...{ verdict: "complete", retries: { run: again.id, number: 2 } },
      differences: expect.any(Number),
    });
    retriedMs += 24 * 60 * minuteMs;
    await settled();
    expect(await chain()).toHaveLength(2);

    // What is never whole is left to the next day, and so is what a person has read whole meanwhile, or what nobody has to compare.
    failsWith(1_000);
    const never = await runWhole(one, { how: "scheduled", by: "tagwire", compare: true });
    // Whatever says nothing of how well both agree silences nobody: new scans, classes, and items of which a day is not made.
    service.fake.control.faults.clear();
    const incremental = { incremental: true, datasets: ["transactions"] } as const;
    const parts = [incremental, { datasets: ["classes"] }, { datasets: ["items"] }] as const;
    for (const part of parts) {
      const ended = await runWhole(one, { how: "scheduled", by: "tagwire", compare: true, ...part });
      expect(ended).toMatchObject({ verdict: "complete" });
    }
    failsWith(1_000);
    for (const number of [3, 4, 5]) {
      retriedMs = Date.now() + 61 * minuteMs;
      await eventually("it was begun once more", async () => (await chain()).length === number);
      await settled();
    }
    expect((await chain()).slice(2).map((run) => run.retries?.number)).toEqual([1, 2, 3]);
    expect((await chain())[2]?.retries?.run).toBe(never.id);
    retriedMs = Date.now() + 6 * 60 * minuteMs;
    await settled();
    expect(await chain()).toHaveLength(5);
    retriedMs = 0;
    await runWhole(one, { how: "scheduled", by: "tagwire", compare: true });
    service.fake.control.faults.clear();
    await runWhole(one, { compare: true });
    retriedMs = Date.now() + 61 * minuteMs;
    await settled();
    expect(await chain()).toHaveLength(5);

    // What cannot be compared says why, and is not begun again: it would come to the same, and read the whole house for it.
    retriedMs = 0;
    await sql.unsafe(`
      create function crowd() returns trigger language plpgsql as $$ begin
        insert into staged_row (site, run, dataset, seq, identity, tag, row)
        select '${site}', new.run, 'transactions', seq, seq::text, 'CROWD', '{}' from generate_series(1000000, 1020000) as seq;
        return new;
      end $$;
      create trigger crowd after insert on manifest for each row execute function crowd()`);
    const uncompared = await runWhole(one, { how: "scheduled", by: "tagwire", compare: true });
    expect(uncompared).toMatchObject({
      ...{ verdict: "complete", differences: null },
      notCompared: { code: "rfidpro.tag_crowded", isRetryable: false },
      why: expect.stringMatching(/CROWD has 20001 rows of transactions/),
    });
    retriedMs = Date.now() + 61 * minuteMs;
    await settled();
    expect(await chain()).toHaveLength(5);
    await retries.stop();
    await Promise.all([asked.stop(), told.stop()]);
  },
  testTimeoutMs,
);
