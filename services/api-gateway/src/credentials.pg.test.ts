import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failuresMax } from "./edge/sign-in-limit.ts";
import { createKey, findKey, replaceKey } from "./store/keys.ts";
import { openSession } from "./store/sessions.ts";
import { offerLocalKey, offerSignIn } from "./store/setup.ts";
import { type Answered, adminKey, type TestGateway, testConfig, testGateway } from "./test-gateway.ts";

/* Who may come in: keys, links, sessions, and pages of other origins. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = stack.use(await testGateway({ isDemo: true }));
});
afterAll(() => stack.disposeAsync());

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  gateway.ask(method, path, body, headers);
const keysPath = "/api/v1/keys";
const sessionPath = "/api/v1/session";
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const cookieOf = ({ headers }: Answered) => (headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
const signIn = async (): Promise<{ cookie: string }> => {
  const answered = await ask("POST", sessionPath, { key: adminKey });
  expect(answered.status).toBe(200);
  return { cookie: cookieOf(answered) };
};
const unauthenticated = { status: 401, body: { code: "unauthenticated", status: 401 } };
const forbidden = { status: 403, body: { code: "forbidden" } };

test.each<{ what: string; headers: Record<string, string> }>([
  { what: "no credential", headers: {} },
  { what: "a wrong key", headers: bearer("x".repeat(40)) },
  { what: "a key of the right form", headers: bearer(`twk_${"0".repeat(16)}_${"a".repeat(43)}`) },
  { what: "another scheme", headers: { authorization: "Basic YTpi" } },
  { what: "an empty key", headers: { authorization: "Bearer " } },
  { what: "a made-up session", headers: { cookie: "tagwire_session=aaaa" } },
])("$what is not let in anywhere but where it is open", async ({ headers }) => {
  const paths = [
    keysPath,
    sessionPath,
    "/api/v1/sites",
    "/api/v1/nothing",
    "/api/v1/live",
    "/api/v1/live/events",
    "/metrics",
  ];
  for (const path of paths) {
    const answered = await ask("GET", path, undefined, headers);
    expect(answered).toMatchObject(unauthenticated);
    expect(answered.headers.get("www-authenticate")).toBe('Bearer realm="tagwire"');
  }
  for (const path of ["/healthz", "/openapi.json", "/problems/malformed", "/docs"])
    expect((await ask("GET", path, undefined, headers)).status).toBe(200);
});

test("a key is shown once, works, is listed without its secret, and ends", async () => {
  const made = await ask("POST", keysPath, { name: "handheld 7" }, bearer(adminKey));
  expect(made).toMatchObject({
    status: 201,
    body: { name: "handheld 7", key: expect.stringMatching(/^twk_[0-9a-f]{16}_/) },
  });
  const { id, key } = made.body;
  expect(await ask("GET", sessionPath, undefined, bearer(key))).toMatchObject({
    status: 200,
    body: { name: "handheld 7", demo: true, now: expect.any(String) },
  });
  const listed = await ask("GET", keysPath, undefined, bearer(key));
  expect(listed.body.data).toEqual(
    expect.arrayContaining([expect.objectContaining({ id, role: "admin", revokedAt: null })]),
  );
  expect(listed.text).not.toContain(key.slice(-43));
  const wrong = `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`;
  expect(await ask("GET", keysPath, undefined, bearer(wrong))).toMatchObject(unauthenticated);

  expect((await ask("DELETE", `${keysPath}/${id}`, undefined, bearer(adminKey))).status).toBe(204);
  expect(await ask("GET", keysPath, undefined, bearer(key))).toMatchObject(unauthenticated);
  expect((await ask("DELETE", `${keysPath}/${id}`, undefined, bearer(adminKey))).status).toBe(404);
});

test("only hashes are stored", async () => {
  const { key } = await createKey(gateway.store.db, "secret keeper");
  const rows = await gateway.store.sql`select * from api_key`;
  expect(JSON.stringify(rows)).not.toContain(key.slice(-43));
  expect(JSON.stringify(rows)).not.toContain(adminKey);
});

test("a browser signs in with a key, is remembered and signs out", async () => {
  const answered = await ask("POST", sessionPath, { key: adminKey });
  expect(answered).toMatchObject({
    status: 200,
    body: { name: "admin", demo: true, now: expect.any(String) },
  });
  const set = answered.headers.get("set-cookie") ?? "";
  for (const part of ["tagwire_session=", "HttpOnly", "SameSite=Lax", "Path=/"]) expect(set).toContain(part);
  expect(set).not.toContain("Secure");
  const cookie = { cookie: cookieOf(answered) };
  expect(await ask("GET", sessionPath, undefined, cookie)).toMatchObject({
    status: 200,
    body: { name: "admin" },
  });
  const stored = await gateway.store.sql`select * from session`;
  expect(JSON.stringify(stored)).not.toContain(cookie.cookie.split("=")[1]);

  expect((await ask("DELETE", sessionPath, undefined, { ...cookie, "x-tagwire-csrf": "1" })).status).toBe(
    204,
  );
  expect(await ask("GET", sessionPath, undefined, cookie)).toMatchObject(unauthenticated);
});

test("behind a trusted proxy that speaks https the cookie is for https alone", async () => {
  await using proxied = await testGateway({ trustedProxies: "127.0.0.1" });
  const https = { "x-forwarded-proto": "https", "x-forwarded-host": "tagwire.example" };
  const answered = await proxied.ask("POST", sessionPath, { key: adminKey }, https);
  const set = answered.headers.get("set-cookie") ?? "";
  expect(set).toMatch(/^__Host-tagwire_session=.*Secure/);
  const origin = {
    ...https,
    cookie: cookieOf(answered),
    "x-tagwire-csrf": "1",
    origin: "https://tagwire.example",
  };
  expect((await proxied.ask("DELETE", sessionPath, undefined, origin)).status).toBe(204);
});

test("a session ends with the key that opened it", async () => {
  const { id, key } = await createKey(gateway.store.db, "short lived");
  const cookie = { cookie: cookieOf(await ask("POST", sessionPath, { key })) };
  expect((await ask("GET", sessionPath, undefined, cookie)).status).toBe(200);
  await ask("DELETE", `${keysPath}/${id}`, undefined, bearer(adminKey));
  expect(await ask("GET", sessionPath, undefined, cookie)).toMatchObject(unauthenticated);
});

test("a session that was opened while its key ended is none", async () => {
  const { id, name } = await createKey(gateway.store.db, "ends meanwhile");
  await ask("DELETE", `${keysPath}/${id}`, undefined, bearer(adminKey));
  const session = await openSession(gateway.store.db, { name, keyId: id });
  const cookie = { cookie: `tagwire_session=${session}` };
  expect(await ask("GET", sessionPath, undefined, cookie)).toMatchObject(unauthenticated);
});

test("an old session is no session", async () => {
  const cookie = await signIn();
  await gateway.store.sql`update session set expires_at = now() - interval '1 second'`;
  expect(await ask("GET", sessionPath, undefined, cookie)).toMatchObject(unauthenticated);
});

test("a browser's writes need the header that other pages cannot send, and our origin", async () => {
  const cookie = await signIn();
  const write = (headers: Record<string, string>) =>
    ask("POST", keysPath, { name: "made by a page" }, { ...cookie, ...headers });
  const csrf = { "x-tagwire-csrf": "1" };
  expect(await write({})).toMatchObject(forbidden);
  expect(await write({ "x-tagwire-csrf": "0" })).toMatchObject(forbidden);
  expect(await write({ ...csrf, origin: "https://evil.example" })).toMatchObject(forbidden);
  expect(await write({ ...csrf, origin: "null" })).toMatchObject(forbidden);
  expect((await write({ ...csrf, origin: gateway.url })).status).toBe(201);
  expect((await write(csrf)).status).toBe(201);
  // A page of another origin cannot sign a browser in either.
  expect(await ask("POST", sessionPath, { key: adminKey }, { origin: "https://evil.example" })).toMatchObject(
    forbidden,
  );
});

test.each([
  { what: "neither key nor token", body: {} },
  { what: "both", body: { key: "a", token: "b" } },
  { what: "a number", body: { key: 5 } },
  { what: "an endless key", body: { key: "x".repeat(513) } },
])("a sign-in with $what is malformed", async ({ body }) => {
  expect(await ask("POST", sessionPath, body)).toMatchObject({ status: 400, body: { code: "malformed" } });
});

test("too many failed sign-ins have to wait", async () => {
  await using other = await testGateway();
  const attempt = (key: string) => other.ask("POST", sessionPath, { key }, {});
  for (let count = 0; count < failuresMax; count += 1)
    expect(await attempt("wrong")).toMatchObject(unauthenticated);
  const refused = await attempt(adminKey);
  expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited", retryable: true } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("without an admin key every start writes a link that lets one person in once", async () => {
  await using other = await testGateway({ adminKeyHash: undefined });
  const signInFile = join(other.folder, "sign-in");
  await writeFile(signInFile, "left by somebody\n", { mode: 0o644 });
  const config = testConfig({ adminKeyHash: undefined, signInFile });
  const lines: string[] = [];
  const offer = () => offerSignIn(other.store.db, config, other.url, (line) => lines.push(line));
  await offer();
  const first = await readFile(signInFile, "utf8");
  expect((await stat(signInFile)).mode & 0o777).toBe(0o600);
  const token = new RegExp(`^${other.url}/#sign-in=([A-Za-z0-9_-]{43})\\n$`).exec(first)?.[1];
  expect(token).toBeDefined();
  const answered = await other.ask("POST", sessionPath, { token }, {});
  expect(answered).toMatchObject({ status: 200, body: { name: "admin" } });
  expect(await other.ask("POST", sessionPath, { token }, {})).toMatchObject(unauthenticated);
  const made = await other.ask(
    "POST",
    keysPath,
    { name: "first" },
    { cookie: cookieOf(answered), "x-tagwire-csrf": "1" },
  );
  expect(made.status).toBe(201);

  await offer();
  expect(await readFile(signInFile, "utf8")).not.toBe(first);
  expect(lines).toEqual([]);
});

test("of two who use the same link at once only one comes in", async () => {
  await using other = await testGateway({ adminKeyHash: undefined });
  const lines: string[] = [];
  await offerSignIn(other.store.db, testConfig({ adminKeyHash: undefined }), other.url, (line) =>
    lines.push(line),
  );
  const token = /#sign-in=(\S+)$/.exec(lines[0] ?? "")?.[1];
  const answered = await Promise.all([1, 2, 3].map(() => other.ask("POST", sessionPath, { token }, {})));
  expect(answered.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
});

test("an old link lets nobody in", async () => {
  await using other = await testGateway({ adminKeyHash: undefined });
  const lines: string[] = [];
  await offerSignIn(other.store.db, testConfig({ adminKeyHash: undefined }), other.url, (line) =>
    lines.push(line),
  );
  await other.store.sql`update sign_in_token set expires_at = now() - interval '1 second'`;
  const token = /#sign-in=(\S+)$/.exec(lines[0] ?? "")?.[1];
  expect(await other.ask("POST", sessionPath, { token }, {})).toMatchObject(unauthenticated);
});

test("a setup link is printed only while nobody has a key", async () => {
  await using other = await testGateway({ adminKeyHash: undefined });
  const lines: string[] = [];
  const offer = (hash?: Buffer) =>
    offerSignIn(other.store.db, testConfig({ adminKeyHash: hash }), other.url, (line) => lines.push(line));
  await offer(Buffer.alloc(32));
  expect(lines).toHaveLength(0);
  await offer();
  expect(lines).toHaveLength(1);
  await createKey(other.store.db, "first");
  await offer();
  expect(lines).toHaveLength(1);
});

test("tools on this machine get a fresh key at every start", async () => {
  const localKeyFile = join(gateway.folder, "local-key");
  const config = testConfig({ localKeyFile });
  await offerLocalKey(gateway.store.db, config);
  const first = (await readFile(localKeyFile, "utf8")).trim();
  await offerLocalKey(gateway.store.db, config);
  const second = (await readFile(localKeyFile, "utf8")).trim();
  expect((await stat(localKeyFile)).mode & 0o777).toBe(0o600);
  expect(await findKey(gateway.store.db, first)).toBeUndefined();
  expect(await findKey(gateway.store.db, second)).toMatchObject({ name: "local tools" });
});

test("keys of one name replace each other", async () => {
  const { db } = gateway.store;
  const keys = [await replaceKey(db, "same"), await replaceKey(db, "same"), await replaceKey(db, "same")];
  const found = await Promise.all(keys.map(({ key }) => findKey(db, key)));
  expect(found.map((one) => one !== undefined)).toEqual([false, false, true]);
});
