import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordedLine } from "@tagwire/messages";
import { sharedData } from "@tagwire/testing";
import { afterAll, expect, test } from "vitest";
import { lookThrough, openRecording } from "./recording-folder.ts";

const folder = await mkdtemp(join(tmpdir(), "tagwire-replay-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const header = (more: object = {}) => ({
  recording: "tagwire",
  version: 1,
  site: "north",
  reader: "dock",
  driver: "llrp",
  startedAt: "2026-03-01T08:00:00.000Z",
  settings: {},
  ...more,
});
const epc = "30395DFA8109A98000000001";
const frame = (atMs: number) => ({
  atMs,
  reads: [{ epc, antenna: 1, rssiDbm: -60, count: 2, heardMs: atMs - 5 }],
  bytes: "043d",
});
const end = { atMs: 30, end: "stopped" };

/** A folder with these files, each of lines of JSON; text is written as it is. */
const folderOf = async (name: string, files: Record<string, readonly (object | string)[]>) => {
  const own = join(folder, name);
  await mkdir(own);
  for (const [file, lines] of Object.entries(files)) {
    const text = lines
      .map((line) => (typeof line === "string" ? line : `${JSON.stringify(line)}\n`))
      .join("");
    await writeFile(join(own, file), text);
  }
  return own;
};

test("recordings are told in the order in which they were made, and what else lies there is left alone", async () => {
  const own = await folderOf("order", {
    "a.jsonl": [header({ startedAt: "2026-03-01T09:00:00.000Z" }), frame(10), end],
    "b.jsonl": [header(), frame(10), frame(20), { atMs: 25, malformed: "noise", bytes: "00" }, end],
    "notes.txt": ["nothing of ours"],
  });
  const looked = await lookThrough(own, undefined);
  expect(
    looked.map(({ path, frames, reads, remarks }) => ({ path: path.slice(-7), frames, reads, remarks })),
  ).toEqual([
    { path: "b.jsonl", frames: 2, reads: 4, remarks: [] },
    { path: "a.jsonl", frames: 1, reads: 2, remarks: [] },
  ]);
  const { lines } = await openRecording(join(own, "a.jsonl"));
  expect(lines).toEqual([{ atMs: 10, reads: frame(10).reads }]);
});

test("a last line that was torn is left out and told, and what comes before it is played", async () => {
  const own = await folderOf("torn", { "a.jsonl": [header(), frame(10), '{"atMs":20,"rea'] });
  const [looked] = await lookThrough(own, undefined);
  expect(looked).toMatchObject({
    frames: 1,
    remarks: [expect.stringContaining("has no end"), expect.stringContaining("15 bytes are left out")],
  });
});

test.each<{ what: string; lines: readonly (object | string)[]; code: string; says: string }>([
  { what: "an empty file", lines: [], code: "recording.unreadable", says: "no whole line" },
  { what: "no header", lines: [frame(1)], code: "recording.unreadable", says: "a.jsonl:1 " },
  { what: "a newer version", lines: [header({ version: 2 })], code: "recording.version", says: "version 2" },
  {
    what: "a broken line",
    lines: [header(), "{\n", frame(1)],
    code: "recording.unreadable",
    says: "a.jsonl:2 ",
  },
  {
    what: "a tag that is no hex",
    lines: [header(), frame(1), { atMs: 2, reads: [{ ...frame(2).reads[0], epc: "chair" }] }],
    code: "recording.unreadable",
    says: "a.jsonl:3 ",
  },
  {
    what: "time that goes back",
    lines: [header(), frame(9), frame(3)],
    code: "recording.unreadable",
    says: "earlier",
  },
  {
    what: "something after the end",
    lines: [header(), end, frame(40)],
    code: "recording.unreadable",
    says: "after the end",
  },
])(
  "$what is refused by code and place, though the file beside it is good",
  async ({ what, lines, code, says }) => {
    const own = await folderOf(what.replaceAll(" ", "-"), {
      "a.jsonl": lines,
      "b.jsonl": [header(), frame(1), end],
    });
    await expect(lookThrough(own, undefined)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
    });
  },
);

test("recordings of several readers are played by name alone", async () => {
  const own = await folderOf("several", {
    "a.jsonl": [header(), frame(1), end],
    "b.jsonl": [header({ reader: "gate" }), frame(1), end],
  });
  await expect(lookThrough(own, undefined)).rejects.toMatchObject({
    code: "recording.readers",
    detail: "north/dock, north/gate",
  });
  expect(await lookThrough(own, "gate")).toMatchObject([{ header: { reader: "gate" } }]);
  await expect(lookThrough(own, "roof")).rejects.toMatchObject({ code: "recording.none" });
});

test("no folder, and an empty one, are nothing to play", async () => {
  await expect(lookThrough(join(folder, "nowhere"), undefined)).rejects.toMatchObject({
    code: "recording.none",
  });
  await expect(lookThrough(await folderOf("empty", {}), undefined)).rejects.toMatchObject({
    code: "recording.none",
  });
});

test("one report with its stamps is a capture, and bytes that are no LLRP are refused", async () => {
  const own = await folderOf("capture", {});
  const report =
    "043d0000004300000001" +
    "00f000398d306edd870775c77926b231a989000000018e00008a00008100018600870000" +
    "820000000000000000840000000000000000880001";
  await writeFile(join(own, "a.bin"), Buffer.from(report, "hex"));
  const { lines } = await openRecording(join(own, "a.bin"));
  expect(lines).toMatchObject([
    { reads: [{ epc: "306EDD870775C77926B231A9", antenna: 1, rssiDbm: 0, count: 1 }] },
  ]);
  await writeFile(join(own, "b.bin"), Buffer.from(`${report}ffff${report}`, "hex"));
  await expect(lookThrough(own, undefined)).rejects.toMatchObject({
    code: "recording.unreadable",
    message: expect.stringContaining("b.bin is no LLRP"),
  });
});

const session = sharedData("llrp", "session-dx101a.bin");
const bodies = sharedData("llrp", "edgex");
if (session === undefined || bodies === undefined)
  console.warn("captured LLRP not present: its tests are skipped");

const countsOf = (lines: readonly RecordedLine[]) => {
  const frames = lines.flatMap((line) => ("reads" in line ? [line.reads] : []));
  return { frames: frames.length, entries: frames.flat().length };
};

test.skipIf(session === undefined)("a captured session is played as its tags were stamped", async () => {
  const { lines } = await openRecording(session ?? "");
  expect(countsOf(lines)).toMatchObject({ frames: 934 });
  expect(lines.every((line, index) => line.atMs >= (lines[index - 1]?.atMs ?? 0))).toBe(true);
  expect(lines.at(-1)?.atMs).toBeGreaterThan(1_000);
});

test.skipIf(bodies === undefined)(
  "captured bodies of reports are played, those of other messages are not",
  async () => {
    const looked = await lookThrough(bodies ?? "", undefined);
    expect(looked).toHaveLength(9);
    expect(looked.every(({ frames, reads }) => frames === 1 && reads >= 1)).toBe(true);
  },
);
