import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import type { RfidproDataset } from "@tagwire/messages";
import { describe, expect, onTestFinished, test } from "vitest";
import { addressesOf, allowOnly } from "./allow-list.ts";
import { type RfidproSettings, rfidproLimits } from "./settings.ts";
import { pull, secondAt, startFake } from "./test-rfidpro.ts";
import { openTransport } from "./transport.ts";

/** A server that only counts who comes. */
const startDoor = async () => {
  let came = 0;
  const server = createServer((socket) => {
    came += 1;
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, came: () => came };
};

const settingsFor = (url: string, change: Partial<RfidproSettings> = {}): RfidproSettings => ({
  ...{ loginUrl: url, dataUrl: url, username: "u", password: "p" },
  datasets: { classes: "c-1", items: "i-1", transactions: "t-1" },
  ...change,
});
const signal = new AbortController().signal;

describe("nothing may be asked but the login and rows", () => {
  const addresses = addressesOf(settingsFor("https://rfid.example.com/cloud/"));

  test.each([
    ["POST", "https://rfid.example.com/cloud/api/v1/login"],
    ["GET", "https://rfid.example.com/cloud/api/v1/data/c-1?limit=200"],
    ["GET", "https://rfid.example.com/cloud/api/v1/data/i-1"],
    ["GET", "https://rfid.example.com/cloud/api/v1/data/t-1?filter[gt]=a"],
  ])("%s %s passes", (method, url) => {
    expect(() => allowOnly(addresses, method, new URL(url))).not.toThrow();
  });

  const data = "https://rfid.example.com/cloud/api/v1/data";
  test.each([
    ...["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", ""].map((method) => [
      method,
      `${data}/i-1`,
    ]),
    ...["GET", "PUT", "DELETE"].map((method) => [method, "https://rfid.example.com/cloud/api/v1/login"]),
    ["POST", "https://rfid.example.com/cloud/api/v1/login?next=1"],
    ["POST", "https://rfid.example.com/cloud/api/v1/logout"],
    ["GET", `${data}/i-2`],
    ["GET", `${data}/i-1/`],
    ["GET", `${data}/i-1/rows`],
    ["GET", `${data}/../admin`],
    ["GET", `${data}/`],
    ["GET", "http://rfid.example.com/cloud/api/v1/data/i-1"],
    ["GET", "https://rfid.example.com:444/cloud/api/v1/data/i-1"],
    ["GET", "https://other.example.com/cloud/api/v1/data/i-1"],
    ["GET", "https://user@rfid.example.com/cloud/api/v1/data/i-1"],
  ])("%s %s does not", (method = "", url = "") => {
    expect(() => allowOnly(addresses, method, new URL(url))).toThrow(
      expect.objectContaining({ code: "rfidpro.forbidden" }),
    );
  });
});

test.each([
  { datasets: { classes: "../login", items: "i", transactions: "t" } },
  { datasets: { classes: "a/b", items: "i", transactions: "t" } },
  { datasets: { classes: "a?b", items: "i", transactions: "t" } },
  { datasets: { classes: "..", items: "i", transactions: "t" } },
  { datasets: { classes: "", items: "i", transactions: "t" } },
  { loginUrl: "file:///etc" },
  { loginUrl: "nonsense" },
  { dataUrl: "https://user:secret@rfid.example.com" },
  { dataUrl: "https://rfid.example.com/?x=" },
])("settings that lead elsewhere are refused before anything is asked: %j", async (change) => {
  const door = await startDoor();
  expect(() => openTransport(settingsFor(door.url, change), rfidproLimits)).toThrow(
    expect.objectContaining({ code: "rfidpro.forbidden" }),
  );
  expect(door.came()).toBe(0);
});

test("whatever is asked of the transport, no socket is opened but for the login and rows", async () => {
  const door = await startDoor();
  const transport = openTransport(settingsFor(door.url), rfidproLimits);
  expect(Object.keys(transport).toSorted()).toEqual(["get", "login"]);
  for (const dataset of ["__proto__", "constructor", "writes", "../login", ""]) {
    const asking = transport.get(dataset as RfidproDataset, new URLSearchParams(), { token: "t", signal });
    await expect(asking).rejects.toMatchObject({ code: "rfidpro.forbidden" });
  }
  expect(door.came()).toBe(0);
  await expect(transport.login(signal)).rejects.toMatchObject({ code: "rfidpro.unreachable" });
  expect(door.came()).toBe(1);
});

test("what is asked for changes the question, and never the address", async () => {
  const door = await startDoor();
  const asked: string[] = [];
  const { createServer: createHttp } = await import("node:http");
  const server = createHttp((request, response) => {
    asked.push(`${request.method} ${new URL(request.url ?? "", "http://127.0.0.1").pathname}`);
    response.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = openTransport(settingsFor(url), rfidproLimits);
  for (const text of ["../../login", "//evil.example.com", "?#/\\", `${door.url}/x`, "\r\nPOST / HTTP/1.1"])
    await transport.get("items", new URLSearchParams([[text, text]]), { token: "t", signal });
  expect(new Set(asked)).toEqual(new Set(["GET /api/v1/data/i-1"]));
  expect(door.came()).toBe(0);
});

test.each([301, 302, 307, 308])(
  "a redirect (%i) is not followed, neither with the login nor with the token",
  async () => {
    const door = await startDoor();
    const fake = await startFake();
    fake.control.faults.add({ act: "redirect", to: `${door.url}/api/v1/login`, on: { set: "login" } });
    const first = await pull(fake, "items");
    expect(first.outcome).toMatchObject({ verdict: "failed", rows: 0 });
    expect(first.outcome.why).toContain("rfidpro.redirected");
    fake.control.faults.add({ act: "redirect", to: `${door.url}/x`, on: { set: "items", offset: secondAt } });
    const second = await pull(fake, "items");
    expect(second.outcome).toMatchObject({ verdict: "partial", rows: 200 });
    expect(door.came()).toBe(0);
  },
);

test("an answer that is packed all the same is measured as it is unpacked", async () => {
  const { createServer: createHttp } = await import("node:http");
  const bomb = gzipSync(Buffer.alloc(64 * 1_024 * 1_024));
  const server = createHttp((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = openTransport(settingsFor(url), rfidproLimits);
  await expect(transport.get("items", new URLSearchParams(), { token: "t", signal })).rejects.toMatchObject({
    code: "rfidpro.too_large",
  });
});

test("the list is asked last of all, also where nothing else could have been asked for", () => {
  const transport = readFileSync(`${import.meta.dirname}/transport.ts`, "utf8");
  expect(transport).toMatch(
    /allowOnly\(addresses, method, url\);\n {4}try \{\n {6}const response = await fetch\(url, \{/,
  );
  expect(transport.match(/\bfetch\(/g)).toHaveLength(1);
});
