import { expect, test } from "vitest";
import { answererWaitMsMax } from "../edge/questions.ts";
import { startService, testGateway } from "../test-gateway.ts";

test("where nobody runs readers each row says so, and whoever waits does so once", async () => {
  await using gateway = await testGateway();
  await using _operations = await startService("operations", gateway);
  const site = { id: "north", name: "North", timeZone: "Europe/Berlin" };
  expect((await gateway.ask("POST", "/api/v1/sites", site)).status).toBe(201);
  const rows = ["a", "b", "c"].map((id) => ({ id, driver: "zebra" }));
  const begunAtMs = performance.now();
  const { status, body } = await gateway.ask("POST", "/api/v1/sites/north/readers:import", [
    ...rows,
    { id: "d e" },
  ]);
  expect(performance.now() - begunAtMs).toBeLessThan(2 * answererWaitMsMax);
  expect(status).toBe(200);
  expect(body.rows).toMatchObject([
    ...rows.map(({ id }) => ({ reader: id, outcome: "rejected", code: "unavailable" })),
    { reader: "d e", outcome: "rejected", code: "row_malformed" },
  ]);
  expect(body.summary).toEqual({ rows: 4, created: 0, changed: 0, unchanged: 0, rejected: 4 });
});
