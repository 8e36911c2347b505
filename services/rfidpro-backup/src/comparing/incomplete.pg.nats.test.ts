import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBus, request } from "@tagwire/bus";
import { makeRfidproData, type RfidproRow, seededRandom, startRfidpro } from "@tagwire/emulators";
import {
  commandSubject,
  newId,
  type RfidproRun,
  rfidproDatasets,
  rfidproImportParts,
} from "@tagwire/messages";
import { migrate, openStore } from "@tagwire/store";
import { quietLog, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { readConfig } from "../config.ts";
import { drawFaults } from "../drivers/test-faults.ts";
import { serverText } from "../drivers/window.ts";
import { carryImport, importContinuedMax } from "../importing/carry-import.ts";
import { beginImport } from "../importing/import-run.ts";
import { previewImport } from "../importing/preview-import.ts";
import { openContext } from "../open-context.ts";
import { keepRuns } from "../running/runs.ts";
import { listOfRun } from "../store/differences.ts";
import { getImportableRun } from "../store/importable-run.ts";
import { findImport } from "../store/imports.ts";
import { migrations, schema } from "../store/migrations.ts";
import { forgetOldRows } from "../store/staged-rows.ts";

/* Whole pulls, staged, archived and compared with the real operations, while RFIDpro does everything that it may do wrong. */

const site = "north";
const other = "south";
const seeds = 8;
const testTimeoutMs = 300_000;
/** They say that RFIDpro has not got something, or another number of it: only what was read whole may say so. */
const missing = ["missing_from_rfid", "only_in_ops", "state_without_event", "quantity_mismatch"] as const;
const quickly = { requestsPerSecond: 1_000, retryDelayMs: 2, retryDelayMsMax: 5, answerTimeoutMs: 5_000 };

const openHouse = async () => {
  const stack = new AsyncDisposableStack();
  const log = quietLog();
  const product = stack.use(await startStack({ services: ["operations"] }));
  const clock = Date.now() - 3_600_000;
  const data = makeRfidproData({ seed: 3, scale: 0.012, endMs: clock - 6 * 86_400_000 });
  const old = stack.adopt(await startRfidpro({ data, clock }), (one) => one.stop());
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), "tagwire-incomplete-")), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  const { databaseUrl: url, natsUrl } = product;
  await migrate(url, schema, migrations);
  const store = await openStore<unknown>({ url, schema, name: "test", log });
  stack.defer(() => store.close());
  const bus = await openBus({ url: natsUrl, name: "test", log });
  stack.defer(() => bus.close());
  const config = readConfig({
    ...{ DATABASE_URL: url, NATS_URL: natsUrl, RFIDPRO_ARCHIVE_DIR: join(folder, "archive") },
    ...{ RFIDPRO_LOGIN_URL: old.loginUrl, RFIDPRO_DATA_URL: old.dataUrl, RFIDPRO_TIME_ZONE: old.timeZone },
    ...{ RFIDPRO_USERNAME: old.username, RFIDPRO_PASSWORD: old.password },
    RFIDPRO_DATASET_CLASSES: old.datasets.classes,
    RFIDPRO_DATASET_ITEMS: old.datasets.items,
    RFIDPRO_DATASET_TRANSACTIONS: old.datasets.transactions,
  });
  const { sql } = store;
  const runs = keepRuns(await openContext(config, { sql, bus, log, limits: quickly, goesOn: true }));
  stack.defer(() => runs.stop());
  for (const id of [site, other])
    await request(
      bus,
      commandSubject(id),
      {
        ...{ kind: "site.create", id: newId(), by: { person: "ann" }, receivedAt: new Date().toISOString() },
        traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`,
        body: { id, name: id, timeZone: "America/Chicago" },
      },
      { timeoutMs: 30_000 },
    );

  const pull = async (of = site): Promise<RfidproRun> => {
    const id = newId();
    const asked = { site: of, id, by: "ann", how: "manual" as const, compare: true, import: true };
    await runs.begin({ ...asked, datasets: rfidproDatasets });
    const run = await runs.ended(id);
    if (run === undefined) throw new Error("the run is not of this process");
    return run;
  };
  const preview = async ({ id }: RfidproRun) => previewImport({ bus, sql }, await getImportableRun(sql, id));
  /** Imports a run as it was previewed, to its end, or until the first scan is sent: each item of the page is made by then, and is bare. */
  const carry = async (run: RfidproRun, digest: string, isCut = false) => {
    const importable = await getImportableRun(sql, run.id);
    const confirmed = { digest, by: "ann", add: rfidproImportParts };
    const { begun } = await beginImport({ bus, sql, log }, importable, confirmed);
    if (begun === undefined) throw new Error("nothing was begun");
    const cut = new AbortController();
    const connection = new Proxy(bus.connection, {
      get: (target, key) => {
        if (key !== "request") return Reflect.get(target, key);
        return async (...asked: Parameters<typeof target.request>) => {
          if (isCut && String(asked[1]).includes('"kind":"scans.record"')) {
            cut.abort();
            throw new Error("cut off");
          }
          return target.request(...asked);
        };
      },
    });
    await carryImport({ bus: { ...bus, connection }, sql, log, signal: cut.signal }, importable, {
      ...begun,
      import: { ...begun.import, ...(isCut ? { continued: importContinuedMax } : {}) },
    });
    return (await findImport(sql, run.id))?.import;
  };
  /** What a run says is missing, or is otherwise than all that was read tells. */
  const missed = async ({ id }: RfidproRun): Promise<string[]> => {
    const found = await listOfRun(sql, id, { limit: 5_000, after: undefined, classes: missing });
    return found.map(({ class: name, key }) => `${name} ${key}`).toSorted();
  };
  return { sql, data, old, pull, preview, carry, missed, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

type House = Awaited<ReturnType<typeof openHouse>>;

/**
 * An import that ends early while what it has made is bare. As long as it can be gone on with no other is previewed until somebody does so;
 * where its rows are gone a newer pull brings all that it has left out. Either way the whole history is there.
 */
const importCut = async (house: House, of: string, rows: "are there" | "are gone"): Promise<void> => {
  const { sql, preview, carry } = house;
  const pull = async (): Promise<RfidproRun> => {
    const run = await house.pull(of);
    // What GS1 names is at one site only, and both read the same house.
    if (of === other) await sql`delete from staged_row where run = ${run.id} and tag not like 'E280%'`;
    return run;
  };
  const first = await pull();
  const planned = await preview(first);
  expect(planned).toMatchObject({ items: expect.any(Number), leftScans: 0 });
  const failed = await carry(first, planned.digest, true);
  expect(failed).toMatchObject({ state: "failed", why: expect.stringContaining("Confirm it again") });
  const newer = await pull();
  // No run is young any more, and this one is not the newest.
  await forgetOldRows(sql, 0);
  await expect(preview(newer)).rejects.toMatchObject({ code: "rfidpro.import_unfinished" });
  if (rows === "are there")
    expect(await carry(first, planned.digest)).toMatchObject({ state: "done", refused: 0 });
  else {
    await sql`delete from staged_row where run = ${first.id}`;
    const rest = await preview(newer);
    const { baselines, history, held } = planned;
    expect(rest).toMatchObject({ baselines, history, held, needs: ["items"], leftScans: 0 });
    const bare = rest.rules.find(({ rule }) => rule === "imported_in_part")?.count ?? 0;
    expect(bare).toBeGreaterThan(50);
    expect(rest.items + bare).toBe(planned.items);
    expect(await carry(newer, rest.digest)).toMatchObject({ state: "done", refused: 0 });
  }
  const last = await preview(await pull());
  expect(last).toMatchObject({ items: 0, baselines: 0, history: 0 });
  expect(last.leftScans).toBeGreaterThanOrEqual(planned.history);
  expect(last.rules.map(({ rule }) => rule)).not.toContain("imported_in_part");
  const [there] = await sql<[{ scans: number }]>`
    select count(distinct scan->>'id')::int as scans from operations_scan join operations_item using (site, tag) where site = ${of}`;
  expect(there.scans).toBe(planned.baselines + planned.history);
};

test(
  "whatever goes wrong while RFIDpro is read, nothing is told missing that it has, and a pull that is not whole tells nothing missing at all",
  async () => {
    await using house = await openHouse();
    const { data, old, pull, missed } = house;
    await importCut(house, other, "are there");
    await importCut(house, site, "are gone");
    const before = await pull();
    expect(before).toMatchObject({ verdict: "complete" });
    // What agrees least of a house that was just imported: the same is told by every whole pull.
    const known = await missed(before);
    const arriving = (number: number): RfidproRow => ({
      ...data.uploads[0]?.row,
      ...{ tag_id: `NEW${number}`, date_created: serverText(old.control.nowMs()) },
    });

    const verdicts: string[] = [];
    for (let seed = 1; seed <= seeds; seed += 1) {
      const random = seededRandom(`how ${seed}`);
      old.control.honours({
        filter: random.pick(["honoured", "ignored", "refused"]),
        sort: random.pick(["honoured", "ignored", "refused"]),
      });
      for (const set of ["items", "transactions"] as const)
        if (random.chance(0.7)) old.control.faults.add(...drawFaults(`${seed} ${set}`, { set, arriving }));
      const run = await pull();
      old.control.faults.clear();
      verdicts.push(run.verdict ?? "none");
      const told = await missed(run);
      expect(
        told.filter((one) => !known.includes(one)),
        `seed ${seed}: ${run.why}`,
      ).toEqual([]);
      const wholeOf = (name: string) =>
        run.datasets.some(({ dataset, verdict }) => dataset === name && verdict === "complete");
      if (!wholeOf("items"))
        expect(
          told.filter((one) => /^(missing|quantity)/.test(one)),
          `seed ${seed}`,
        ).toEqual([]);
      if (!wholeOf("transactions"))
        expect(
          told.filter((one) => /^(only|state)/.test(one)),
          `seed ${seed}`,
        ).toEqual([]);
    }
    // A time in which all goes well proves as little as one in which nothing does.
    const complete = verdicts.filter((verdict) => verdict === "complete").length;
    expect(complete).toBeGreaterThan(2);
    expect(seeds - complete).toBeGreaterThan(2);

    // What it has not got any more is told by a whole pull, and by no other.
    old.control.honours({ filter: "honoured", sort: "honoured" });
    const gone = String(data.items.find((row) => /^E280/.test(String(row.tag_id)))?.tag_id);
    old.control.change("items", (row) => (row.tag_id === gone ? null : row));
    const words = `missing_from_rfid ${gone}`;
    old.control.faults.add({ act: "lose", rows: 3, count: "true", on: { set: "items" }, times: 999 });
    const part = await pull();
    expect(part.verdict).not.toBe("complete");
    expect(await missed(part)).not.toContain(words);
    old.control.faults.clear();
    expect(await missed(await pull())).toContain(words);
    expect(old.writes()).toEqual([]);
  },
  testTimeoutMs,
);
