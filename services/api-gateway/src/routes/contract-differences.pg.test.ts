import { newId } from "@tagwire/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* What the laundry brought back, over HTTP, in front of the real operations. */

const site = "/api/v1/sites/yard";
const stack = new AsyncDisposableStack();
let gateway: TestGateway;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  stack.use(await startService("operations", gateway));
  await gateway.ask("POST", "/api/v1/sites", { id: "yard", name: "Yard", timeZone: "Europe/Berlin" });
});
afterAll(() => stack.disposeAsync());

const ask = (method: string, path: string, body?: unknown) => gateway.ask(method, `${site}${path}`, body);
const done = async (path: string, body?: unknown) => {
  const answer = await ask("POST", path, body);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};
const scan = async (tag: string, type: string, more: object = {}) => {
  const one = { id: newId(), tag, type, scannedAt: new Date().toISOString(), ...more };
  expect((await done("/scans", { scans: [one] })).receipts).toMatchObject([{ outcome: "accepted" }]);
};
const lot = (quantity: number, action: "added" | "removed", more: object = {}) =>
  done("/contracts/L7/lots", { id: newId(), name: "napkin", quantity, action, ...more });

test("laundry is told round by round, page by page, and follows its number", async () => {
  for (const tag of ["x1", "x2", "x3"])
    expect((await ask("POST", "/items", { tag, class: "cloth" })).status).toBe(201);
  expect(await ask("GET", "/contracts/L7/differences")).toMatchObject({
    ...{ status: 404, body: { code: "contract_unknown" } },
  });

  for (const tag of ["x1", "x2", "x3"]) await scan(tag, "rental", { contract: "L7" });
  await lot(50, "added");
  await done("/contracts/L7:finalize");
  await scan("x1", "pickup", { contract: "L7" });
  await lot(48, "removed");
  await done("/contracts/L7:returned");
  await done("/contracts/L7:reactivate");
  await lot(10, "added");
  await done("/contracts/L7:finalize");
  await lot(15, "removed", { surplus: true });

  const { status, body } = await ask("GET", "/contracts/L7/differences");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ...{ number: "L7", nextCursor: null },
    data: [
      {
        ...{ round: 2, state: "finalized", returnedAt: null },
        items: { sent: 0, missing: 0 },
        lotNames: [{ name: "napkin", sent: 10, returned: 15, missing: 0, surplus: 5 }],
      },
      {
        ...{ round: 1, state: "returned", finalizedBy: { device: expect.any(String) } },
        classes: [{ class: "cloth", sent: 3, returned: 1, missing: 2, surplus: 0 }],
        lotNames: [{ name: "napkin", sent: 50, returned: 48, missing: 2, surplus: 0 }],
        missingTags: [{ tag: "x2" }, { tag: "x3" }],
      },
    ],
  });
  const [second, first] = body.data;
  expect(second.beganAt).toBe(first.endedAt);

  const page = await ask("GET", "/contracts/L7/differences?limit=1");
  expect(page.body.data).toEqual([second]);
  const next = await ask("GET", `/contracts/L7/differences?limit=1&cursor=${page.body.nextCursor}`);
  expect(next.body).toMatchObject({ number: "L7", nextCursor: null, epoch: 1 });
  expect(next.body.data).toEqual([first]);

  const items = await ask("GET", "/contracts/L7/differences/1/items?limit=2");
  expect(items.body).toMatchObject({
    ...{ number: "L7", round: 1 },
    data: [
      { tag: "x1", finding: "returned" },
      { tag: "x2", finding: "missing" },
    ],
  });
  const rest = await ask("GET", `/contracts/L7/differences/1/items?limit=2&cursor=${items.body.nextCursor}`);
  expect(rest.body).toMatchObject({ data: [{ tag: "x3" }], nextCursor: null });
  const missing = await ask("GET", "/contracts/L7/differences/1/items?finding=missing");
  expect(missing.body.data.map(({ tag }: { tag: string }) => tag)).toEqual(["x2", "x3"]);

  await scan("x2", "rental", { contract: "4711" });
  expect(await ask("GET", "/contracts/4711/differences")).toMatchObject({
    ...{ status: 409, body: { code: "contract_state" } },
  });
  expect(await ask("GET", "/contracts/L7/differences/3/items")).toMatchObject({
    ...{ status: 404, body: { code: "round_unknown" } },
  });
  for (const wrong of ["differences?limit=51", "differences?cursor=none", "differences/0/items"])
    expect(await ask("GET", `/contracts/L7/${wrong}`)).toMatchObject({ status: 400 });
});

test("a contract that has hand-counted goods alone says where they are", async () => {
  const progress = async () => (await ask("GET", "/contracts/L8")).body.progress;
  const count = (quantity: number, action: "added" | "removed") =>
    done("/contracts/L8/lots", { id: newId(), name: "napkin", quantity, action });
  await count(50, "added");
  expect(await progress()).toBe("ready");
  await done("/contracts/L8:finalize");
  expect(await progress()).toBe("all_out");
  await count(49, "removed");
  expect(await progress()).toBe("partial_in");
  expect((await done("/contracts/L8:returned")).receipt.flags).toEqual(["lots_out"]);
  await count(1, "removed");
  expect(await progress()).toBe("all_returned");
});
