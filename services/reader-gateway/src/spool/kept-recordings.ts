import { constants } from "node:fs";
import { type FileHandle, open, readdir, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  Fault,
  type KeptRecording,
  RecordingEnd,
  RecordingName,
  recordingPartBytesMax,
  type SiteId,
} from "@tagwire/messages";
import { Compile } from "typebox/compile";

export type ReaderAddress = { readonly site: SiteId; readonly id: string };

const isName = Compile(RecordingName);
const isEnd = Compile(RecordingEnd);
/** The last line of a recording is no longer than this, and stands alone behind a line break. */
const endBytesMax = 256;

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ELOOP");

/** No link is followed: what is given out lies in the folder of recordings, or is not given out. */
const opened = async <T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> => {
  const unknown = new Fault("recording.unknown", basename(path));
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw isAbsent(error) ? unknown : error;
  });
  try {
    if (!(await file.stat()).isFile()) throw unknown;
    return await work(file);
  } finally {
    await file.close();
  }
};

const readAt = async (file: FileHandle, offset: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
};

/** How it ended, from its last line alone: a recording is large, and a list of them is asked for often. */
const endOf = async (file: FileHandle, size: number): Promise<RecordingEnd | undefined> => {
  const offset = Math.max(0, size - endBytesMax);
  const text = (await readAt(file, offset, size - offset)).toString("utf8");
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  try {
    const value: unknown = JSON.parse(last);
    return isEnd.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const beganAtMs = (name: string): number =>
  Date.parse(name.slice(0, -".jsonl".length).replace(/T(\d\d)-(\d\d)-/, "T$1:$2:"));

const kept = (path: string, goingFrames: number | undefined): Promise<KeptRecording> =>
  opened(path, async (file) => {
    const name = basename(path);
    const fromMs = beganAtMs(name);
    const { size, mtimeMs } = await file.stat();
    const common = { name, from: new Date(fromMs).toISOString(), bytes: size };
    if (goingFrames !== undefined) return { ...common, until: null, frames: goingFrames, goingOn: true };
    const end = await endOf(file, size);
    // Of one that was cut off the file tells when it was written last.
    const untilMs = end === undefined ? mtimeMs : fromMs + end.atMs;
    const until = new Date(Math.max(fromMs, untilMs)).toISOString();
    return { ...common, until, frames: end?.frames ?? null, goingOn: false };
  });

/** The recordings in the folder of one reader, newest first. `goingFrames` tells of one that is being made how many frames it has. */
export const findKept = async (
  folder: string,
  goingFrames: (name: string) => number | undefined,
): Promise<KeptRecording[]> => {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  const found: KeptRecording[] = [];
  for (const name of names
    .filter((one) => isName.Check(one))
    .toSorted()
    .toReversed())
    try {
      found.push(await kept(join(folder, name), goingFrames(name)));
    } catch (error) {
      // Somebody deleted it at this moment, or it is no file.
      if (!(error instanceof Fault)) throw error;
    }
  return found;
};

/** A part of a recording, and how large all of it is. @throws Fault `recording.unknown` */
export const readKeptPart = (path: string, offset: number): Promise<{ base64: string; size: number }> =>
  opened(path, async (file) => {
    const { size } = await file.stat();
    const length = Math.max(0, Math.min(recordingPartBytesMax, size - offset));
    return { base64: (await readAt(file, offset, length)).toString("base64"), size };
  });

/** @throws Fault `recording.unknown` */
export const deleteKept = async (path: string): Promise<void> => {
  try {
    await unlink(path);
  } catch (error) {
    throw isAbsent(error) ? new Fault("recording.unknown", basename(path)) : error;
  }
};
