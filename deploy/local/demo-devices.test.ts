import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@tagwire/messages";
import { startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openDemoDevices } from "./demo-devices.ts";
import { reasonsOf } from "./demo-log.ts";

test("each device has a key of its own that lasts, and its scans say which one it was", async () => {
  await using stack = await startStack({ services: ["operations", "manager", "api-gateway"] });
  const folder = await mkdtemp(join(tmpdir(), "tagwire-devices-"));
  const file = join(folder, "keys.json");
  const call = (method: string, path: string, body?: unknown) => stack.call(method, path, body);
  const { signal } = new AbortController();
  const open = () => openDemoDevices({ url: stack.http, file, signal, call });
  const keyNames = async () =>
    ((await call("GET", "/keys")).body as { data: { name: string }[] }).data.map(({ name }) => name).sort();

  await call("POST", "/sites", { id: "demo", name: "Demo", timeZone: "UTC" });
  const first = open();
  for (const device of ["handheld-1", "tablet-1", "handheld-1"]) {
    const scans = [{ id: newId(), tag: "T1", type: "touch", scannedAt: new Date().toISOString() }];
    const send = await first(device);
    expect((await send("POST", "/sites/demo/scans", { scans })).status).toBe(200);
  }
  const { events } = (await call("GET", "/sites/demo/events?after=0:0")).body as {
    events: { by: unknown }[];
  };
  expect(events.map(({ by }) => by)).toEqual(
    expect.arrayContaining([{ device: "handheld-1" }, { device: "tablet-1" }]),
  );
  expect(await keyNames()).toEqual(["handheld-1", "tablet-1"]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  await open()("tablet-1");
  expect(await keyNames()).toEqual(["handheld-1", "tablet-1"]);
  // Somebody ended the key, or the data is another's now.
  const { data } = (await call("GET", "/keys")).body as { data: { id: string; name: string }[] };
  for (const { id } of data) await call("DELETE", `/keys/${id}`);
  const kept = await readFile(file, "utf8");
  const again = await open()("tablet-1");
  expect((await again("GET", "/session")).status).toBe(200);
  expect(await readFile(file, "utf8")).not.toBe(kept);
  await rm(folder, { recursive: true });
});

test("why a request failed is told down to the system's own word", async () => {
  const refused = new TypeError("fetch failed", {
    cause: new AggregateError([new Error("connect ECONNREFUSED 127.0.0.1:9")]),
  });
  expect(reasonsOf(refused)).toBe("fetch failed: connect ECONNREFUSED 127.0.0.1:9");
  expect(reasonsOf("gone")).toBe("gone");
});
