import { once } from "node:events";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { type KeptRecording, recordingPartBytesMax } from "@tagwire/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* What was recorded, through the real reader-gateway. A recording needs no metal: one of a reader that nobody answers for has no frames. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let tapes: string;
const path = "/api/v1/sites/north/readers";
const cutOff = "2026-03-02T07-15-04.120Z.jsonl";
const text = `${JSON.stringify({ recording: "tagwire" })}\n${"x".repeat(recordingPartBytesMax * 2)}é\n`;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  tapes = join(gateway.folder, "tapes");
  const env = { RECORDINGS_DIR: tapes };
  stack.use(await startService("operations", gateway));
  stack.use(await startService("reader-gateway", { ...gateway, env }));
  const site = { id: "north", name: "North", timeZone: "Europe/Berlin" };
  expect((await gateway.ask("POST", "/api/v1/sites", site)).status).toBe(201);
  const reader = { id: "dock", driver: "llrp", address: "127.0.0.1:1" };
  expect((await gateway.ask("POST", path, reader)).status).toBe(201);
  await mkdir(join(tapes, "north", "gone"), { recursive: true });
  await writeFile(join(tapes, "north", "gone", cutOff), text);
});
afterAll(() => stack.disposeAsync());

const listed = async (reader: string): Promise<KeptRecording[]> => {
  const answer = await gateway.ask("GET", `${path}/${reader}/recordings`);
  expect(answer.status).toBe(200);
  return answer.body.data;
};

test("a recording is listed while it goes on and after, comes as a file, and is deleted only when it is over", async () => {
  expect(await listed("dock")).toEqual([]);
  await gateway.ask("POST", `${path}/dock:record`);
  const [going, ...others] = await listed("dock");
  expect(others).toEqual([]);
  expect(going).toMatchObject({ goingOn: true, until: null, frames: 0 });
  const address = `${path}/dock/recordings/${going?.name}`;
  const begun = await gateway.ask("GET", address);
  expect(begun.headers.get("content-type")).toContain("application/x-ndjson");
  expect(begun.headers.get("content-disposition")).toContain(`north-dock-${going?.name}`);
  expect(begun).toMatchObject({ status: 200, text: expect.stringContaining('"reader":"dock"') });
  expect(await gateway.ask("DELETE", address, "")).toMatchObject({
    status: 409,
    body: { code: "recording.going" },
  });
  await gateway.ask("POST", `${path}/dock:stop-recording`);
  const [ended] = await listed("dock");
  expect(ended).toMatchObject({ goingOn: false, frames: 0, from: going?.from, until: expect.any(String) });
  const whole = await gateway.ask("GET", address);
  expect(whole.text).toBe(await readFile(join(tapes, "north", "dock", going?.name ?? ""), "utf8"));
  expect(Buffer.byteLength(whole.text)).toBe(ended?.bytes);
  expect((await gateway.ask("DELETE", address, "")).status).toBe(204);
  expect(await listed("dock")).toEqual([]);
  for (const method of ["GET", "DELETE"])
    expect(await gateway.ask(method, address)).toMatchObject({
      status: 404,
      body: { code: "recording.unknown" },
    });
});

test("one that was cut off, of a reader that is gone, is listed without a count and comes whole in its parts", async () => {
  expect(await listed("gone")).toMatchObject([
    {
      name: cutOff,
      from: "2026-03-02T07:15:04.120Z",
      bytes: Buffer.byteLength(text),
      frames: null,
      goingOn: false,
    },
  ]);
  const file = await gateway.ask("GET", `${path}/gone/recordings/${cutOff}`);
  expect(file.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
  expect(file.text === text).toBe(true);
});

test("a download whose file goes meanwhile ends with a broken connection, never with a clean end", async () => {
  const name = "2026-03-02T09-00-00.000Z.jsonl";
  // So much that neither our own buffers nor those of the line hold it: nobody reads until the file is gone.
  await writeFile(join(tapes, "north", "gone", name), Buffer.alloc(32 * 2 ** 20, 120));
  const headers = { authorization: `Bearer ${adminKey}` };
  const request = get(`${gateway.url}${path}/gone/recordings/${name}`, { headers });
  const [response] = await once(request, "response");
  response.pause();
  expect(response.headers["content-length"]).toBe(String(32 * 2 ** 20));
  expect((await gateway.ask("DELETE", `${path}/gone/recordings/${name}`, "")).status).toBe(204);
  const broken = new Promise((resolve) => response.once("error", resolve));
  response.resume();
  expect(await broken).toMatchObject({ code: "ECONNRESET" });
  expect(response.complete).toBe(false);
});

test("nothing but recordings is given out", async () => {
  const secret = join(gateway.folder, "secret");
  await writeFile(secret, "geheim-42");
  const linked = "2026-03-02T08-00-00.000Z.jsonl";
  await symlink(secret, join(tapes, "north", "gone", linked));
  expect((await listed("gone")).map(({ name }) => name)).toEqual([cutOff]);
  const away = { status: 404, body: { code: "recording.unknown" } };
  expect(await gateway.ask("GET", `${path}/gone/recordings/${linked}`)).toMatchObject(away);
  for (const name of ["..%2F..%2F..%2Fsecret", "secret", `${cutOff}%00`])
    expect(await gateway.ask("GET", `${path}/gone/recordings/${name}`)).toMatchObject({
      status: 400,
      body: { code: "malformed" },
    });
  expect(await gateway.ask("GET", `${path}/nobody/recordings`)).toMatchObject({
    status: 404,
    body: { code: "reader_unknown" },
  });
});
