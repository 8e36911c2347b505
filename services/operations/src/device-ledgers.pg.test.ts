import { type CountingDevice, ledgerNameOf, newId, type Scan } from "@tagwire/messages";
import { expect, test } from "vitest";
import { originOf, traceparent } from "./actors/test-acts.ts";
import { answerCommand } from "./answers/commands.ts";
import { listDeviceLedgers } from "./store/device-ledgers.ts";
import type { Member, TestOperations } from "./test-operations.ts";
import { eachOnItsSite, type Told } from "./test-told.ts";

/* What became of the scans of each device, as its own count and its own clock have it; each test on a site of its own. */

let operations: TestOperations;
let member: Member;
let site: string;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, member, site, told } = ground);
});

const receivedAt = "2026-05-04T09:00:00.000Z";
const secondsAfter = (seconds: number) => new Date(Date.parse(receivedAt) + seconds * 1_000).toISOString();

type Sent = {
  readonly sentAt?: string;
  readonly at?: string;
  readonly device?: string;
  readonly counting?: CountingDevice;
};

const send = (scans: readonly (Partial<Scan> & { tag: string })[], sent: Sent = {}) => {
  const { at = receivedAt, device = "tablet-9", sentAt, counting } = sent;
  const { by } = originOf({ by: { person: "ann", device } });
  return answerCommand(member.turns, site, {
    ...{ kind: "scans.record", id: newId(), by, receivedAt: at, traceparent },
    body: {
      scans: scans.map((scan): Scan => ({ id: newId(), type: "touch", scannedAt: at, ...scan })),
      ...(sentAt === undefined ? {} : { sentAt }),
      ...(counting === undefined ? {} : { device: counting }),
    },
  });
};

const ledger = async (device = "tablet-9") =>
  (await listDeviceLedgers(operations.sql, { site, after: null })).find((one) => one.device === device);

test("every scan of a device is counted once, by what became of it, however often it was sent", async () => {
  await told.stock(["x1", "x2"]);
  const again = { id: newId(), tag: "x1", type: "rental", contract: "100" } as const;
  await send([again, { tag: "x2", type: "rental" }, { tag: "unheard-of" }]);
  await send([again]);
  await send([{ tag: "x1", type: "rental", contract: "100" }]);
  expect(await ledger()).toMatchObject({
    ...{ received: 4, accepted: 1, alreadyApplied: 1, rejected: 1, quarantined: 1 },
    ...{ counted: 0, missing: 0, gaps: [], reused: 0, clockOffsetMs: null },
  });
});

test("a device that counts is told of scans that never came, until they come", async () => {
  await told.stock(["x1"]);
  const scans = (...seqs: number[]) => send(seqs.map((seq) => ({ tag: "x1", seq })));
  await scans(2, 3);
  await scans(9);
  expect(await ledger()).toMatchObject({
    ...{ counted: 9, missing: 6 },
    gaps: [
      { from: 1, to: 1 },
      { from: 4, to: 8 },
    ],
  });
  await scans(1, 4, 5, 6);
  await scans(8, 7);
  expect(await ledger()).toMatchObject({ received: 9, counted: 9, missing: 0, gaps: [], reused: 0 });
  await scans(9, 10, 10);
  expect(await ledger()).toMatchObject({ counted: 10, missing: 0, reused: 2, reusedAt: receivedAt });
});

test("whoever counts at random makes no row that grows for ever", async () => {
  await told.stock(["x1"]);
  await send(Array.from({ length: 1_500 }, (_, at) => ({ tag: "x1", seq: 1 + 2 * at })));
  const first = await ledger();
  expect(first).toMatchObject({ counted: 2_999, missing: 1_499 });
  await send([{ tag: "x1", seq: 3_001 }]);
  // The newest thousand stretches are kept, and what was missing before them is let go.
  expect(await ledger()).toMatchObject({ counted: 3_001, missing: 999 });
});

test("a clock is measured when a device sends, by the request that was least long on its way", async () => {
  await told.stock(["x1"]);
  const touch = [{ tag: "x1" }];
  await send(touch, { sentAt: secondsAfter(-40) });
  expect(await ledger()).toMatchObject({ clockOffsetMs: -40_000, clockMeasuredAt: receivedAt });
  await send(touch, { at: secondsAfter(10), sentAt: secondsAfter(-25) });
  await send(touch, { at: secondsAfter(20), sentAt: secondsAfter(-55) });
  await send(touch, { at: secondsAfter(30) });
  expect(await ledger()).toMatchObject({ clockOffsetMs: -35_000, clockMeasuredAt: secondsAfter(10) });
  // A clock that was put back is seen a minute later, although it says less than before.
  await send(touch, { at: secondsAfter(90), sentAt: secondsAfter(30) });
  expect(await ledger()).toMatchObject({ clockOffsetMs: -60_000, clockMeasuredAt: secondsAfter(90) });
});

test("a device that says who it is has a ledger for each of its lives, whoever hands its scans in", async () => {
  await told.stock(["x1"]);
  const [first, second] = [newId(), newId()].map((incarnation) => ({ id: "browser-3f9a", incarnation }));
  if (first === undefined || second === undefined) throw new Error("two lives");
  await send([{ tag: "x1", seq: 1 }], { counting: first });
  await send([{ tag: "x1", seq: 3 }], { counting: first, device: "the office, by a rescue file" });
  await send([{ tag: "x1", seq: 1 }], { counting: second });
  expect(await ledger(ledgerNameOf(first))).toMatchObject({ received: 2, counted: 3, missing: 1, reused: 0 });
  expect(await ledger(ledgerNameOf(second))).toMatchObject({ received: 1, counted: 1, missing: 0 });
});
