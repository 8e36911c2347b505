import { ask, type Bus, openBus } from "@tagwire/bus";
import { AskFindings, AskRunAudit, newId, type Scan } from "@tagwire/messages";
import { eventually, quietLog, type StackService, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { openDesk, site, tents, workADay } from "./test-day.ts";

const services = ["operations", "manager", "health-check"] as const satisfies StackService[];
const timeoutMs = 300_000;
const testTimeoutMs = 600_000;
const hourMs = 3_600_000;
/** Longer than anything of ours is open here, on a busy machine, too. */
const transactionSecondsMax = 15;

const audit = async (bus: Bus) => (await ask(bus, AskRunAudit, { site, by: "ann" }, { timeoutMs })).audit;

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

/** Hands scans of one tent in as a device does that counts them, or says when it sends. */
const openTablet = (bus: Bus, device: string) => {
  const { hand } = openDesk(bus, device);
  const send = (scans: readonly Partial<Scan>[], sentAt?: string) =>
    hand("scans.record", {
      scans: scans.map(
        (scan): Scan => ({
          ...{ id: newId(), tag: tents[10] ?? "", type: "touch", scannedAt: new Date().toISOString() },
          ...scan,
        }),
      ),
      ...(sentAt === undefined ? {} : { sentAt }),
    });
  return { send };
};

test("what a device's clock and its own count say is found at the device, and no disagreement unless scans are lost", {
  timeout: testTimeoutMs,
}, async () => {
  await using stack = await startStack({
    services: [...services],
    env: {
      AUDIT_EVERY_SECONDS: "86400",
      AUDIT_BARRIER_SECONDS: "300",
      TRANSACTION_SECONDS_MAX: String(transactionSecondsMax),
    },
  });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  await workADay(bus);
  const tablet = (device: string) => openTablet(bus, device);

  await tablet("right").send([{ seq: 1, type: "service", status: "inspect" }, { seq: 2 }], ago(0));
  await tablet("fast").send([{ scannedAt: ago(-hourMs) }]);
  await tablet("behind").send([{}], ago(2 * hourMs));
  await tablet("offline-for-days").send([{ scannedAt: ago(100 * hourMs) }]);
  await tablet("overtaken").send([{ type: "return", scannedAt: ago(hourMs) }]);
  await tablet("set-back").send([{}]);
  await tablet("set-back").send([{ scannedAt: ago(hourMs / 2) }]);
  const lossy = tablet("lossy");
  await lossy.send([{ seq: 1 }, { seq: 5 }]);
  await tablet("cloned").send([{ seq: 1 }, { seq: 2 }, { seq: 2 }]);

  // Somebody has begun something in the database, and has gone home.
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  const forgotten = await sql.reserve();
  await forgotten`begin`;
  await forgotten`select 1`;

  const audits = [await audit(bus), await audit(bus)];
  expect(audits.map(({ why }) => why)).toEqual([null, null]);
  const found = async (states: ("open" | "auto_healed")[]) =>
    (await ask(bus, AskFindings, { site, limit: 100, cursor: null, states })).findings;
  const open = await found(["open"]);
  expect(open.map(({ code, key }) => `${code} ${key}`).sort()).toEqual([
    "backdated offline-for-days",
    "clock_ahead fast",
    "clock_skew behind",
    "late_arrival offline-for-days",
    "late_arrival overtaken",
    "late_arrival set-back",
    "read_gap lossy",
    "sequence_reused cloned",
    "time_travel set-back",
  ]);
  expect(open.find(({ code }) => code === "read_gap")?.evidence.detail).toBe(
    "3 of its scans never came: 2 to 4",
  );
  expect(open.find(({ code }) => code === "clock_skew")?.evidence.detail).toBe(
    "about 7200 s behind, as measured",
  );

  // What was missing comes, and the clock is put right: both are over, and were proven to be.
  await lossy.send([{ seq: 2 }, { seq: 3 }, { seq: 4 }]);
  await tablet("behind").send([{}], ago(0));
  await audit(bus);
  await audit(bus);
  expect((await found(["auto_healed"])).map(({ code, key }) => `${code} ${key}`).sort()).toEqual([
    "clock_skew behind",
    "read_gap lossy",
  ]);

  const transactions = async () =>
    (await ask(bus, AskFindings, { site, limit: 100, cursor: null })).findings
      .filter(({ code }) => code === "transaction_old")
      .map(({ key, state }) => `${key} ${state}`);
  await eventually("it is open for too long at two audits", async () => {
    await audit(bus);
    return (await transactions()).includes("transaction open");
  });
  await forgotten`commit`;
  forgotten.release();
  await audit(bus);
  await audit(bus);
  expect(await transactions()).toEqual(["transaction auto_healed"]);
  await sql.end();
  await bus.close();
});
