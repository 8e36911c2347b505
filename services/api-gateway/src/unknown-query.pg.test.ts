import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestGateway, testGateway } from "./test-gateway.ts";

/* A member of a query that a route does not know changes nothing of what is asked, so it is refused: by every route there is. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());

const methods = ["get", "post", "put", "patch", "delete"];
const operations = async (): Promise<{ readonly method: string; readonly path: string }[]> => {
  const { body } = await gateway.ask("GET", "/openapi.json");
  return Object.entries(body.paths as Record<string, object>).flatMap(([path, of]) =>
    Object.keys(of)
      .filter((method) => methods.includes(method))
      .map((method) => ({ method: method.toUpperCase(), path })),
  );
};

test("every route refuses a member of the query that it does not know, and names it", async () => {
  const all = await operations();
  const own = all.filter(({ path }) => path.startsWith("/api/v1/") && !path.includes("/epcis"));
  expect(own.length).toBeGreaterThan(90);
  const passed: string[] = [];
  for (const { method, path } of own) {
    const address = path.replaceAll(/\{[^}]+\}/g, "1");
    const { status, body } = await gateway.ask(method, `${address}?nonsense=1`);
    const isRefused =
      status === 400 && body?.code === "malformed" && body.errors?.[0]?.pointer === "/nonsense";
    if (!isRefused) passed.push(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
  }
  expect(passed).toEqual([]);
});

test.each([
  { path: "/boards/queues?at=1:3", pointer: "/at", near: "queue" },
  { path: "/boards/scans?device=x", pointer: "/device", near: "mark" },
  { path: "/items?Status=ready", pointer: "/Status", near: "status" },
])("$path is told what there is instead", async ({ path, pointer, near }) => {
  const { status, body } = await gateway.ask("GET", `/api/v1/sites/north${path}`);
  expect([status, body.errors[0].pointer]).toEqual([400, pointer]);
  expect(body.errors[0].message).toContain(near);
});
