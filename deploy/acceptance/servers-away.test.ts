import { newId, type Receipt } from "@tagwire/messages";
import { eventually, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";

/**
 * Postgres cannot be killed here without ending other tests with it, so it does what it does on the way down: it ends every session of
 * this stack and takes no new ones.
 */
test("while Postgres is away nothing answers 500, and what was handed in meanwhile is applied once", async () => {
  await using stack = await startStack({ services: ["operations", "manager", "api-gateway"] });
  await stack.call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
  await stack.call("POST", "/sites/north/items", { tag: "CHAIR1", class: "Chair" });

  const database = new URL(stack.databaseUrl).pathname.slice(1);
  const elsewhere = new URL(stack.databaseUrl);
  elsewhere.pathname = "/postgres";
  const admin = postgres(elsewhere.href, { max: 1, onnotice: () => {} });
  const allow = (open: boolean) => admin.unsafe(`alter database ${database} with allow_connections ${open}`);
  const end = () => admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database}`;

  const scan = {
    id: newId(),
    tag: "CHAIR1",
    type: "rental",
    contract: "4711",
    scannedAt: new Date().toISOString(),
  };
  try {
    await allow(false);
    await end();
    for (const [method, path, body] of [
      ["POST", "/sites/north/scans", { scans: [scan] }],
      ["GET", "/sites/north/items/CHAIR1", undefined],
      ["GET", "/sites/north/events?after=1:0", undefined],
      ["GET", "/sites/north/dashboard", undefined],
    ] as const) {
      const { status, headers, body: answer } = await stack.call(method, path, body);
      expect([status, answer]).toEqual([
        expect.toSatisfy((code: number) => code === 503 || code === 504),
        expect.anything(),
      ]);
      expect(headers.get("retry-after")).not.toBeNull();
      expect(answer).toMatchObject({ retryable: true });
    }
  } finally {
    await allow(true);
    await admin.end();
  }
  const receipt = await eventually("the same scan finds its way", async () => {
    const { status, body } = await stack.call("POST", "/sites/north/scans", { scans: [scan] });
    return status === 200 ? (body as { receipts: Receipt[] }).receipts[0] : undefined;
  });
  expect(receipt).toMatchObject({ id: scan.id, outcome: "accepted", item: { status: "on_rent" } });
});
