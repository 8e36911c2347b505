import { readFile, stat } from "node:fs/promises";
import {
  Fault,
  RecordedLine,
  RecordingEnd,
  type RecordingEndReason,
  RecordingHeader,
  recordingVersion,
} from "@tagwire/messages";
import { Compile } from "typebox/compile";

/** Twice what a recording may hold. */
export const recordingFileBytesMax = 128 * 2 ** 20;

const isHeader = Compile(RecordingHeader);
const isLine = Compile(RecordedLine);
const isEnd = Compile(RecordingEnd);

/** What is in a file that can be played. */
export type Recording = {
  readonly path: string;
  /** A capture has none: nobody wrote down where it was made. */
  readonly header?: RecordingHeader;
  readonly lines: readonly RecordedLine[];
  /** Why it was over; undefined when the process ended before the recording did, or nobody wrote it down. */
  readonly end?: RecordingEndReason;
  /** Bytes of a last line that was torn, which is left out. */
  readonly tornBytes: number;
};

const unreadable = (where: string, why: string): Fault =>
  new Fault("recording.unreadable", `${where} ${why}`);

/** @throws Fault `recording.unreadable` when it is larger than any recording, or is not to be read. */
export const readWhole = async (path: string): Promise<Buffer> => {
  try {
    const { size } = await stat(path);
    if (size > recordingFileBytesMax) throw unreadable(path, `has more than ${recordingFileBytesMax} bytes`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof Fault) throw error;
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Fault("recording.unreadable", `${path} cannot be read (${why})`, { cause: error });
  }
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const headerOf = (path: string, text: string): RecordingHeader => {
  const value = jsonOf(text);
  const version =
    typeof value === "object" && value !== null && "version" in value ? value.version : undefined;
  if (typeof version === "number" && version > recordingVersion)
    throw new Fault(
      "recording.version",
      `${path} is of version ${version}, and ${recordingVersion} is known here`,
    );
  if (!isHeader.Check(value)) throw unreadable(`${path}:1`, "is not how a recording begins");
  return value;
};

/** The raw bytes have been read by a driver already: what is played are the reads. */
const withoutBytes = (line: RecordedLine): RecordedLine =>
  "reads" in line ? { atMs: line.atMs, reads: line.reads } : line;

/**
 * Reads a recording from its bytes. A last line that was torn, as `kill -9` leaves it, is left out and told; anything else that does not
 * fit is an error, since what is missing there might be what mattered.
 *
 * @throws Fault `recording.unreadable`, `recording.version`
 */
export const parseRecording = (path: string, bytes: Buffer): Recording => {
  const texts = bytes.toString("utf8").split("\n");
  const torn = texts.pop() ?? "";
  const [first, ...rest] = texts;
  if (first === undefined) throw unreadable(path, "has no whole line");
  const header = headerOf(path, first);
  const lines: RecordedLine[] = [];
  let end: RecordingEndReason | undefined;
  let lastMs = 0;
  rest.forEach((text, index) => {
    const where = `${path}:${index + 2}`;
    const value = jsonOf(text);
    if (end !== undefined) throw unreadable(where, "comes after the end");
    if (isEnd.Check(value)) {
      end = value.end;
      return;
    }
    if (!isLine.Check(value)) throw unreadable(where, "is no line of a recording");
    if (value.atMs < lastMs) throw unreadable(where, "is earlier than the line before");
    lastMs = value.atMs;
    lines.push(withoutBytes(value));
  });
  return { path, header, lines, ...(end === undefined ? {} : { end }), tornBytes: Buffer.byteLength(torn) };
};
