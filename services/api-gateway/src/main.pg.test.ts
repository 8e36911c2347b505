import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { askOf, startService, testGateway } from "./test-gateway.ts";

/* The service as a process of its own, as the launcher starts it. */

test("it starts, lets people and tools in by the files it wrote, and stops when told", async () => {
  await using servers = await testGateway();
  await using operations = await startService("operations", servers);
  const signInFile = join(servers.folder, "sign-in");
  const localKeyFile = join(servers.folder, "local-key");
  const env = { PUBLIC_PORT: "0", SIGN_IN_FILE: signInFile, LOCAL_KEY_FILE: localKeyFile, TAGWIRE_DEMO: "1" };
  const gateway = await startService("api-gateway", { ...servers, env });
  const { public: url, http } = gateway.endpoint;
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const ask = askOf(String(url));

  const key = (await readFile(localKeyFile, "utf8")).trim();
  expect((await stat(localKeyFile)).mode & 0o777).toBe(0o600);
  const headers = { authorization: `Bearer ${key}` };
  expect(await ask("GET", "/api/v1/session", undefined, headers)).toMatchObject({
    status: 200,
    body: { name: "local tools", demo: true, now: expect.any(String) },
  });
  const site = { id: "north", name: "North", timeZone: "UTC" };
  expect((await ask("POST", "/api/v1/sites", site, headers)).status).toBe(201);

  const link = (await readFile(signInFile, "utf8")).trim();
  expect(link.startsWith(`${url}/#sign-in=`)).toBe(true);
  const token = link.split("#sign-in=")[1];
  expect((await ask("POST", "/api/v1/session", { token }, {})).status).toBe(200);
  expect(gateway.output()).not.toContain(token);
  expect(gateway.output()).not.toContain(key);

  expect((await ask("GET", "/readyz", undefined, {})).status).toBe(200);
  const metrics = await eventually("the request was measured", async () => {
    const text = await (await fetch(`${http}/metrics`)).text();
    return text.includes("tagwire_http_request_seconds") && text;
  });
  expect(metrics).toContain('route="/api/v1/sites"');
  // The same for whoever sees only the public address, and has a key.
  const scraped = await ask("GET", "/metrics", undefined, headers);
  expect(scraped).toMatchObject({ status: 200, text: expect.stringContaining('route="/api/v1/sites"') });
  expect(scraped.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  await gateway[Symbol.asyncDispose]();
  expect(await gateway.exitCode()).toBe(0);
  expect(operations.output()).toBe("");
});

test("without any key and without a file the setup link is printed, once, for the first start alone", async () => {
  await using servers = await testGateway();
  const start = () => startService("api-gateway", { ...servers, env: { PUBLIC_PORT: "0" } });
  const first = await start();
  const token = await eventually("the link", () => /#sign-in=(\S+)/.exec(first.output())?.[1]);
  const ask = askOf(String(first.endpoint.public));
  const answered = await ask("POST", "/api/v1/session", { token }, {});
  const cookie = (answered.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
  const headers = { cookie, "x-tagwire-csrf": "1" };
  expect((await ask("POST", "/api/v1/keys", { name: "first" }, headers)).status).toBe(201);
  await first[Symbol.asyncDispose]();
  await using second = await start();
  expect(second.output()).not.toContain("#sign-in=");
});
