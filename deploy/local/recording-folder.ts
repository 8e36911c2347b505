import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { Fault, type RecordingHeader } from "@tagwire/messages";
import { isOtherBody, parseCapture } from "./captured-llrp.ts";
import { parseRecording, type Recording, readWhole } from "./recording-file.ts";

/** Of one folder, and of the folders in it. */
const filesMax = 1_000;

const parsers: Readonly<Record<string, (path: string, bytes: Buffer) => Recording>> = {
  ".jsonl": parseRecording,
  ".bin": parseCapture,
  ".bytes": parseCapture,
};

/** @throws Fault `recording.unreadable`, `recording.version` */
export const openRecording = async (path: string): Promise<Recording> => {
  const parse = parsers[extname(path)];
  if (parse === undefined)
    throw new Fault("recording.unreadable", `${path} is no file of a kind that is known`);
  return parse(path, await readWhole(path));
};

/** What is known of a file without holding it. */
export type Looked = {
  readonly path: string;
  readonly header?: RecordingHeader;
  readonly frames: number;
  readonly reads: number;
  readonly lastMs: number;
  /** What a person should know of it before it is played. */
  readonly remarks: readonly string[];
};

const remarksOf = ({ header, end, tornBytes }: Recording): string[] => [
  ...(header !== undefined && end === undefined
    ? ["it has no end: it is still being made, or its process was killed and it may lack what came last"]
    : []),
  ...(tornBytes > 0 ? [`its last line was torn, and its ${tornBytes} bytes are left out`] : []),
];

const look = async (path: string): Promise<Looked> => {
  const recording = await openRecording(path);
  const { header, lines } = recording;
  const reads = lines.flatMap((line) => ("reads" in line ? line.reads : []));
  return {
    path,
    ...(header === undefined ? {} : { header }),
    frames: lines.filter((line) => "reads" in line).length,
    reads: reads.reduce((sum, { count }) => sum + count, 0),
    lastMs: lines.at(-1)?.atMs ?? 0,
    remarks: remarksOf(recording),
  };
};

const filesIn = async (path: string): Promise<string[]> => {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Fault("recording.none", `${path} is not there`);
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && extname(entry.name) in parsers && !isOtherBody(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
};

const startOf = ({ header }: Looked): string => header?.startedAt ?? "";

/**
 * Looks through everything that is to be played, before any of it is: one bad file is told while nothing has moved yet. Gives the files in
 * the order in which they were recorded; captures by name.
 *
 * @throws Fault `recording.none`, `recording.unreadable`, `recording.version`; `recording.readers` when they are of several readers.
 */
export const lookThrough = async (path: string, from: string | undefined): Promise<readonly Looked[]> => {
  const files = await filesIn(path);
  if (files.length > filesMax) throw new Fault("recording.none", `${path} has more than ${filesMax} files`);
  const looked: Looked[] = [];
  for (const file of files) looked.push(await look(file));
  const wanted = looked.filter(({ header }) => from === undefined || header?.reader === from);
  if (wanted.length === 0)
    throw new Fault("recording.none", from === undefined ? path : `${path} has none of the reader ${from}`);
  const readers = new Set(
    wanted.map(({ header }) => (header === undefined ? "" : `${header.site}/${header.reader}`)),
  );
  if (readers.size > 1) {
    const named = [...readers].map((reader) => (reader === "" ? "a capture" : reader));
    throw new Fault("recording.readers", named.join(", "));
  }
  return wanted.toSorted((left, right) => (startOf(left) < startOf(right) ? -1 : 1));
};
