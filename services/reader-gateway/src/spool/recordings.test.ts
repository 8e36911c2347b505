import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RecordedLine, RecordingEnd, RecordingHeader } from "@tagwire/messages";
import { eventually, quietLog } from "@tagwire/testing";
import { Compile } from "typebox/compile";
import { afterAll, expect, test } from "vitest";
import { scriptedDrivers, tagRead } from "../floor/scripted-driver.ts";
import { lifeOf } from "../floor/test-life.ts";
import { openRecordings, recordingLimits } from "./recordings.ts";

/* Real files in a folder of their own. */

const folder = await mkdtemp(join(tmpdir(), "tagwire-recordings-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const epc = "30395DFA8109A98000000001";
const isHeader = Compile(RecordingHeader);
const isLine = Compile(RecordedLine);
const isEnd = Compile(RecordingEnd);

/** A folder without anything in it yet, and a reader whose recordings go there. */
const recorded = async (name: string, limits: Partial<typeof recordingLimits> = {}) => {
  const own = join(folder, name);
  const scripted = scriptedDrivers();
  const recordings = openRecordings(own, quietLog(), { ...recordingLimits, ...limits });
  const test = lifeOf(scripted.drivers, { recordings });
  test.life.start();
  const [connection] = scripted.connections;
  if (connection === undefined) throw new Error("no connection");
  const linesOf = async (): Promise<unknown[]> => {
    const [file] = await readdir(join(own, "north", "dock"));
    const text = await readFile(join(own, "north", "dock", file ?? ""), "utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  };
  return { own, recordings, ...test, host: connection.host, linesOf };
};

test("what a reader says is written down as it came, between its settings and its end", async () => {
  const { life, host, linesOf } = await recorded("whole");
  await life.record();
  expect(life.view(0).recording).toMatchObject({ file: expect.stringMatching(/^north\/dock\/.*\.jsonl$/) });
  host.frame([tagRead(epc, { heardAtMs: Date.now() - 1_000, tid: "E280" })], Buffer.from([4, 0x3d, 0xff]));
  host.frame([]);
  host.malformed("no frame starts here", Buffer.from([1, 2]));
  host.notice({ kind: "input", port: 2, atMs: Date.now() });
  host.notice({ kind: "clock", offsetMs: 3 });
  await life.stopRecording("stopped");
  expect(life.view(0)).not.toHaveProperty("recording");
  host.frame([tagRead(epc)]);
  const [header, ...rest] = await linesOf();
  expect(header).toMatchObject({ reader: "dock", driver: "llrp", settings: { address: "127.0.0.1" } });
  expect(isHeader.Check(header)).toBe(true);
  const end = rest.pop();
  expect(isEnd.Check(end)).toBe(true);
  expect(rest.every((line) => isLine.Check(line))).toBe(true);
  expect(rest).toMatchObject([
    { reads: [{ epc, antenna: 1, rssiDbm: -55, count: 1, tid: "E280" }], bytes: "043dff" },
    { reads: [] },
    { malformed: "no frame starts here", bytes: "0102" },
    { input: { port: 2 } },
  ]);
  const [frame] = rest as { atMs: number; reads: { heardMs: number }[] }[];
  expect((frame?.atMs ?? 0) - (frame?.reads[0]?.heardMs ?? 0)).toBeGreaterThanOrEqual(999);
  await life.stop();
});

test("a recording goes on while the reader is stopped and starts again, and a second wish changes nothing", async () => {
  const { life, linesOf, own } = await recorded("through");
  await life.record();
  const { recording } = life.view(0);
  await life.stop();
  await life.record();
  expect(life.view(0).recording).toEqual(recording);
  life.start();
  await life.stopRecording("stopped");
  await life.stopRecording("stopped");
  expect(await readdir(join(own, "north", "dock"))).toHaveLength(1);
  expect(await linesOf()).toMatchObject([{ recording: "tagwire" }, { end: "stopped" }]);
  await life.stop();
});

test("no header has a password", async () => {
  const { life, linesOf } = await recorded("secret");
  const login = { username: "root", password: "geheim-42" };
  await life.apply({ ...life.settings(), driver: "impinj", address: "http://127.0.0.1:1", login });
  await life.record();
  await life.stopRecording("stopped");
  expect(JSON.stringify(await linesOf())).not.toContain("geheim-42");
  expect(await linesOf()).toMatchObject([{ settings: { login: "root" } }, {}]);
  await life.stop();
});

test("a recording ends by itself when it is large or long enough, or its reader becomes another", async () => {
  const large = await recorded("large", { bytesMax: 2_000 });
  await large.life.record();
  for (let frame = 0; frame < 40; frame += 1) large.host.frame([tagRead(epc)]);
  const text = () => large.linesOf().then((lines) => lines.at(-1));
  await eventually("the file is closed", async () => expect(await text()).toMatchObject({ end: "size" }));
  expect(large.life.view(0)).not.toHaveProperty("recording");
  expect(JSON.stringify(await large.linesOf()).length).toBeLessThan(2_200);

  const long = await recorded("long", { durationMsMax: 1 });
  await long.life.record();
  await eventually("time is up", async () =>
    expect((await long.linesOf()).at(-1)).toMatchObject({ end: "time" }),
  );

  const other = await recorded("other");
  await other.life.record();
  await other.life.apply({ ...other.life.settings(), driver: "tsl", address: "/dev/rfcomm0" });
  expect((await other.linesOf()).at(-1)).toMatchObject({ end: "settings" });
  for (const { life } of [large, long, other]) await life.stop();
});

test("what the disk does not take in time ends the recording, and the reader goes on", async () => {
  const { life, host, kept, linesOf } = await recorded("slow", { unwrittenBytesMax: 200 });
  await life.record();
  for (let frame = 0; frame < 40; frame += 1) host.frame([tagRead(epc)]);
  await eventually("closed", async () => expect((await linesOf()).at(-1)).toMatchObject({ end: "slow" }));
  expect(kept).toHaveLength(1);
  expect(life.phase()).toBe("inventory");
  await life.stop();
});

test.each([
  { what: "without a folder", limits: undefined, why: "there is no folder for recordings" },
  { what: "where enough are kept", limits: { filesMax: 1 }, why: "there are 1 recordings already" },
  {
    what: "where they hold enough",
    limits: { keptBytesMax: 5 },
    why: "the recordings that are kept hold 5 bytes",
  },
  { what: "while enough are made", limits: { openMax: 0 }, why: "0 readers are recorded already" },
])("$what a recording is refused with the reason, and nothing is deleted", async ({ what, limits, why }) => {
  const own = join(folder, what.replaceAll(" ", "-"));
  await mkdir(own);
  await writeFile(join(own, "old.jsonl"), "precious");
  const at = limits === undefined ? undefined : own;
  const { life } = lifeOf(scriptedDrivers().drivers, {
    recordings: openRecordings(at, quietLog(), { ...recordingLimits, ...limits }),
  });
  await expect(life.record()).rejects.toMatchObject({ code: "reader.recording", detail: why });
  expect(life.view(0)).not.toHaveProperty("recording");
  expect(await readFile(join(own, "old.jsonl"), "utf8")).toBe("precious");
});

test("a folder that cannot be made refuses, and the place is free for the next", async () => {
  const own = join(folder, "a-file");
  await writeFile(own, "");
  const recordings = openRecordings(own, quietLog(), { ...recordingLimits, openMax: 1 });
  const { life } = lifeOf(scriptedDrivers().drivers, { recordings });
  await expect(life.record()).rejects.toMatchObject({ code: "reader.recording" });
  await truncate(own, 0);
  await rm(own);
  await life.record();
  await life.stopRecording("stopped");
  expect(await readdir(join(own, "north", "dock"))).toHaveLength(1);
});
