import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";

/* Files, pages and the description: what a browser gets without signing in. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const html = { accept: "text/html,*/*" };
const get = (path: string, headers: Record<string, string> = html) =>
  gateway.ask("GET", path, undefined, headers);

beforeAll(async () => {
  const uiDir = await mkdtemp(join(tmpdir(), "tagwire-screens-"));
  stack.defer(() => rm(uiDir, { recursive: true, force: true }));
  await mkdir(join(uiDir, "assets"));
  await writeFile(join(uiDir, "index.html"), "<title>Tagwire</title>");
  await writeFile(join(uiDir, "assets/app-1a2b3c.js"), "export {};");
  await writeFile(join(uiDir, "assets/code-reader-1a2b3c4d.js"), "export {};");
  await writeFile(join(uiDir, ".env"), "SECRET=1");
  gateway = stack.use(await testGateway({ uiDir }));
});
afterAll(() => stack.disposeAsync());

test.each(["/", "/items", "/sites/north/items/3034257BF7194E4000001A85", "/index.html"])(
  "%s is the page, asked for anew each time",
  async (path) => {
    const { status, text, headers } = await get(path);
    expect({ status, text }).toEqual({ status: 200, text: "<title>Tagwire</title>" });
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("content-type")).toContain("text/html");
  },
);

test("files with a hash in their name are kept for ever", async () => {
  const { status, headers } = await get("/assets/app-1a2b3c.js", {});
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
});

test.each([
  { what: "a missing file", path: "/assets/gone.js", headers: html },
  { what: "something that is no page", path: "/items", headers: { accept: "application/json" } },
  { what: "a hidden file", path: "/.env", headers: {} },
  { what: "a file outside", path: "/..%2f..%2fetc%2fpasswd", headers: {} },
])("$what is a problem, not the page", async ({ path, headers }) => {
  const answered = await get(path, headers);
  expect([400, 403, 404]).toContain(answered.status);
  expect(answered.headers.get("content-type")).toBe("application/problem+json");
});

test("an unknown address of the API is never the page", async () => {
  expect((await get("/api/v1/nothing")).status).toBe(401);
  expect(await get("/api/v2")).toMatchObject({ status: 404, body: { code: "not_found" } });
});

test("a browser may load nothing from elsewhere and show us nowhere else", async () => {
  const { headers } = await get("/");
  const policy = headers.get("content-security-policy") ?? "";
  const host = new URL(gateway.url).host;
  for (const part of ["default-src 'self'", `connect-src 'self' ws://${host}`, "frame-ancestors 'none'"])
    expect(policy).toContain(part);
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
});

test("one script alone may run WebAssembly, and may do little else", async () => {
  const policyOf = async (path: string) => (await get(path, {})).headers.get("content-security-policy") ?? "";
  const reader = await policyOf("/assets/code-reader-1a2b3c4d.js");
  expect(reader).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(reader).toContain("default-src 'none'");
  expect(reader).not.toContain("'unsafe-eval'");
  for (const path of ["/assets/app-1a2b3c.js", "/assets/code-reader-1a2b3c4d.js/x", "/code-reader-1.js", "/"])
    expect(await policyOf(path)).not.toContain("wasm");
});

test("the documentation is served from here, and all of it", async () => {
  const { status, text, headers } = await get("/docs/");
  expect(status).toBe(200);
  expect(headers.get("content-security-policy")).toContain("default-src 'self'");
  const sources = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? "");
  expect(sources.length).toBeGreaterThan(3);
  for (const source of sources)
    expect((await get(new URL(source, `${gateway.url}/docs/`).pathname, {})).status).toBe(200);
  expect(text).not.toMatch(/<script>/);
});

type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  parameters?: { name: string; in: string; required?: boolean }[];
  responses: Record<string, { content?: Record<string, unknown>; headers?: Record<string, unknown> }>;
  requestBody?: { content: { "application/json": { example?: unknown } } };
};

test("every call is described, with its problems and an example", async () => {
  const { body, status } = await get("/openapi.json", {});
  expect(status).toBe(200);
  expect(body.openapi).toBe("3.1.0");
  const operations = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.values(methods as Record<string, Operation>).map((operation) => ({ path, ...operation })),
  );
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(
    expect.arrayContaining(["createSite", "recordScans", "patchItem", "startReader", "readEvents", "live"]),
  );
  expect(Object.keys(body.paths)).toContain("/api/v1/sites/{site}/readers/{id}:start");
  for (const { path, operationId, tags, summary, responses, requestBody } of operations) {
    expect(operationId, path).toMatch(/^[a-z][A-Za-z]+$/);
    expect(tags, path).toHaveLength(1);
    expect(summary, path).not.toBe("");
    if (!path.startsWith("/api/")) continue;
    const problem = { $ref: "#/components/schemas/Problem" };
    for (const [code, { content }] of Object.entries(responses))
      if (Number(code) >= 400)
        expect(content, `${path} ${code}`).toEqual({ "application/problem+json": { schema: problem } });
    expect(
      Object.keys(responses).some((code) => Number(code) >= 400),
      path,
    ).toBe(true);
    if (requestBody !== undefined)
      // A picture is no words.
      for (const [type, body] of Object.entries<{ example?: unknown }>(requestBody.content))
        if (!type.startsWith("image/")) expect(body.example, `${path} ${type}`).toBeDefined();
  }
  const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  expect(JSON.stringify(body)).not.toContain("Default Response");
  expect(references.length).toBeGreaterThan(50);
  for (const [, name = ""] of references) expect(body.components.schemas).toHaveProperty(name);
});

test("the description is one that tools can read, and says what headers and statuses there are", async () => {
  const { body } = await get("/openapi.json", {});
  expect(await new Validator().validate(structuredClone(body))).toMatchObject({ valid: true });
  const operations = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, it]) => ({ method, path, ...it })),
  );
  for (const { method, path, responses } of operations) {
    if (!path.startsWith("/api/")) continue;
    const statuses = Object.keys(responses);
    const due = ["400", "401", "403", "500", "503", "504"];
    if (["post", "patch", "put"].includes(method)) due.push("413", "415");
    if (path.includes("{")) due.push("404");
    expect(statuses, `${method} ${path}`).toEqual(expect.arrayContaining(due));
    for (const waits of ["429", "503", "504"].filter((status) => statuses.includes(status)))
      expect(responses[waits]?.headers, `${method} ${path}`).toHaveProperty("Retry-After");
  }
  const named = (id: string) => operations.find(({ operationId }) => operationId === id);
  expect(named("createItem")?.responses[201]?.headers).toMatchObject({ Location: {}, ETag: {} });
  expect(named("getItem")?.responses[200]?.headers).toHaveProperty("ETag");
  expect(named("patchItem")?.parameters).toContainEqual(
    expect.objectContaining({ name: "if-match", in: "header", required: true }),
  );
  expect(body.paths["/readyz"].get.responses).toHaveProperty("503");
});

test("what is said on the bus and over the socket is described to everybody, and asked for anew each time", async () => {
  const { status, headers, body } = await get("/asyncapi.json", {});
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(headers.get("cache-control")).toBe("no-cache");
  expect(body).toMatchObject({ asyncapi: "3.0.0", channels: { events: {}, commands: {}, live: {} } });
  expect((await get("/asyncapi.json/x")).status).toBe(404);
});

test("it lives, whoever else does not answer", async () => {
  expect(await get("/healthz", {})).toMatchObject({ status: 200, body: { status: "ok" } });
  expect(await get("/readyz", {})).toMatchObject({
    status: 503,
    body: { ready: false, checks: { operations: false } },
  });
});
