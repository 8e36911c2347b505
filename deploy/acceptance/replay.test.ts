import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { FrameSplitter, frameType, messageTable } from "@tagwire/llrp";
import {
  brokenSums,
  type Item,
  type KeptRecording,
  type Reader,
  type RecordedLine,
  type TimelineRow,
} from "@tagwire/messages";
import { eventually, plainEnvironment, type Stack, startStack } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

/* What an emulated reader says is recorded in one site and played into another, by the real services and the real command. */

const tags = ["30395DFA8109A98000000001", "30395DFA8109A98000000002", "30395DFA8109A98000000003"];
const world: TagSource = {
  sees: (antenna) => (antenna === 1 ? tags.map((epc) => ({ epc, rssiDbm: -60 })) : []),
};

const setUpTimeoutMs = 120_000;

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

const tagwireReplay = (stack: Stack, keyFile: string, args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const file = join(import.meta.dirname, "../local/replay.ts");
    const all = [file, ...args, "--url", stack.http, "--key-file", keyFile];
    execFile(process.execPath, all, { env: plainEnvironment() }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

const linesOf = async (file: string): Promise<RecordedLine[]> =>
  (await readFile(file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedLine);

const readsOf = (lines: readonly RecordedLine[]): number =>
  lines.flatMap((line) => ("reads" in line ? line.reads : [])).reduce((sum, { count }) => sum + count, 0);

let folder: string;
let tapes: string;
let keyFile: string;
let stack: Stack;
/** What was recorded, where the service keeps it and as it came over HTTP. */
let file: string;
let lines: RecordedLine[];
let downloaded: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tagwire-replay-"));
  tapes = join(folder, "tapes");
  downloaded = join(folder, "downloaded");
  keyFile = join(folder, "key");
  stack = await startStack({ env: { RECORDINGS_DIR: tapes } });
  await writeFile(keyFile, stack.key);
  for (const id of ["yard", "practice"])
    expect((await stack.call("POST", "/sites", { id, name: id, timeZone: "Europe/Berlin" })).status).toBe(
      201,
    );
  for (const tag of tags)
    expect((await stack.call("POST", "/sites/practice/items", { tag, class: "Crate" })).status).toBe(201);
}, setUpTimeoutMs);
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const rules = { reReportMs: 1_000 };
const readerAt = async (path: string) => (await stack.call("GET", path)).body as Reader;
const into = (site: string, reader: string) => [
  "--site",
  site,
  "--reader",
  reader,
  "--speed",
  "max",
  "--json",
];

test("what a reader says is recorded frame by frame and comes down as it was kept", async () => {
  const metal = await startLlrpReader({ world, seed: 1, roundMs: 20 });
  const settings = {
    ...{
      driver: "llrp",
      address: `127.0.0.1:${metal.port}`,
      antennas: [{ port: 1, place: "gate", powerDbm: 20 }],
    },
    rules,
  };
  expect((await stack.call("POST", "/sites/yard/readers", { id: "dock", ...settings })).status).toBe(201);
  await eventually("it reads", async () => (await readerAt("/sites/yard/readers/dock")).counts.reads > 0);

  const begun = await stack.call("POST", "/sites/yard/readers/dock:record");
  expect(begun).toMatchObject({ status: 200, body: { recording: { file: expect.any(String) } } });
  file = join(tapes, (begun.body as Reader).recording?.file ?? "");
  await eventually("enough is recorded", async () => readsOf(await linesOf(file)) >= 30);
  const ended = await stack.call("POST", "/sites/yard/readers/dock:stop-recording");
  expect(ended.status).toBe(200);
  expect(ended.body).not.toHaveProperty("recording");
  await stack.call("POST", "/sites/yard/readers/dock:stop");
  await metal.stop();

  lines = await linesOf(file);
  const withTags = lines.find((line) => "reads" in line && line.reads.length > 0);
  let types: number[] = [];
  const splitter = new FrameSplitter({
    frame: (frame) => {
      types = [...types, frameType(frame)];
    },
    malformed: (reason) => expect.fail(reason),
  });
  splitter.push(
    Buffer.from(withTags !== undefined && "bytes" in withTags ? (withTags.bytes ?? "") : "", "hex"),
  );
  expect(types).toEqual([messageTable.RO_ACCESS_REPORT.type]);

  const listed = await stack.call("GET", "/sites/yard/readers/dock/recordings");
  const [kept] = (listed.body as { data: KeptRecording[] }).data;
  expect(kept).toMatchObject({ frames: lines.length - 2, goingOn: false });
  await mkdir(downloaded);
  const address = `${stack.http}/api/v1/sites/yard/readers/dock/recordings/${kept?.name}`;
  const answer = await fetch(address, { headers: { authorization: `Bearer ${stack.key}` } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.equals(await readFile(file))).toBe(true);
  await writeFile(join(downloaded, "dock.jsonl"), bytes);
});

test("what was recorded in one site moves the stock of another, counts to the last read, and leaves its own alone", async () => {
  const own = await tagwireReplay(stack, keyFile, [tapes, ...into("yard", "tape")]);
  expect(own).toMatchObject({ code: 1, stderr: expect.stringContaining("recording.own_site") });
  const nowhere = await tagwireReplay(stack, keyFile, [tapes, ...into("nowhere", "tape")]);
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining("site_unknown") });

  const played = await tagwireReplay(stack, keyFile, [downloaded, ...into("practice", "tape")]);
  expect(played).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(played.stdout)).toMatchObject({ files: 1, reads: readsOf(lines), remarks: [] });

  const settled = await eventually("every observation is decided", async () => {
    const reader = await readerAt("/sites/practice/readers/tape");
    return reader.counts.held === 0 && reader.counts.pending === 0 ? reader : undefined;
  });
  expect(settled).toMatchObject({
    driver: "replay",
    antennas: [{ port: 1, place: "gate" }],
    rules,
  });
  expect(settled.counts).toMatchObject({ reads: readsOf(lines), malformed: 0, filtered: 0 });
  expect(settled.counts.accepted).toBeGreaterThanOrEqual(tags.length);
  expect(brokenSums(settled.counts)).toEqual([]);
  for (const tag of tags) {
    const item = await stack.call("GET", `/sites/practice/items/${tag}`);
    expect((item.body as Item).place).toBe("gate");
    const { data } = (await stack.call("GET", `/sites/practice/items/${tag}/timeline`)).body as {
      data: TimelineRow[];
    };
    expect(data.some(({ kind, by }) => kind === "sighting" && by.reader === "tape")).toBe(true);
  }
  // The recorded site has no such item: what its own reader heard waits in quarantine there, and nothing of the replay came to it.
  expect((await stack.call("GET", "/sites/yard/readers/tape")).status).toBe(404);
});

test("nothing of what cannot be read or has no place to go is played", async () => {
  const bad = join(folder, "bad");
  await mkdir(bad);
  await writeFile(join(bad, "a.jsonl"), await readFile(file));
  await writeFile(join(bad, "b.jsonl"), (await readFile(file, "utf8")).replace("\n", "\n{}\n"));
  const refused = await tagwireReplay(stack, keyFile, [bad, ...into("practice", "tape")]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("recording.unreadable") });
  expect(refused.stderr).toContain("b.jsonl:2 ");
  expect((await readerAt("/sites/practice/readers/tape")).counts.reads).toBe(readsOf(lines));

  const real = { id: "real", driver: "llrp", address: "127.0.0.1:1" };
  expect((await stack.call("POST", "/sites/practice/readers", real)).status).toBe(201);
  const mixed = await tagwireReplay(stack, keyFile, [tapes, ...into("practice", "real")]);
  expect(mixed).toMatchObject({ code: 1, stderr: expect.stringContaining("reader_exists") });
});
