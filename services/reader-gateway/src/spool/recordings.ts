import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Fault, type KeptRecording, type RecordingHeader } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { deleteKept, findKept, type ReaderAddress, readKeptPart } from "./kept-recordings.ts";
import { type Recording, type RecordingBounds, startRecording } from "./recording.ts";

export type RecordingLimits = RecordingBounds & {
  /** All recordings that are kept, in bytes and by number. Nothing is deleted by itself: a new one is refused. */
  readonly keptBytesMax: number;
  readonly filesMax: number;
  /** So many readers are recorded at once, in this process. */
  readonly openMax: number;
};

export const recordingLimits: RecordingLimits = {
  durationMsMax: 3_600_000,
  bytesMax: 64 * 2 ** 20,
  unwrittenBytesMax: 8 * 2 ** 20,
  keptBytesMax: 2 ** 30,
  filesMax: 1_000,
  openMax: 8,
};

/** The folder of recordings: `<site>/<reader>/<since>.jsonl`. */
export type Recordings = {
  /**
   * Begins a recording; `ended` is called when it is over.
   *
   * @throws Fault `reader.recording` when there is no folder, no room in it, or enough are being made.
   */
  readonly begin: (header: RecordingHeader, ended: () => void) => Promise<Recording>;
  /** Those of a reader, newest first; none where there is no folder. */
  readonly find: (reader: ReaderAddress) => Promise<KeptRecording[]>;
  /** @throws Fault `recording.unknown` */
  readonly part: (reader: ReaderAddress, name: string, offset: number) => ReturnType<typeof readKeptPart>;
  /** @throws Fault `recording.unknown`, `recording.going` */
  readonly remove: (reader: ReaderAddress, name: string) => Promise<void>;
};

const refused = (why: string, cause?: unknown): Fault =>
  new Fault("reader.recording", why, cause === undefined ? undefined : { cause });

/** Throws what is wrong with taking in one more. */
const checkRoom = async (folder: string, { keptBytesMax, filesMax }: RecordingLimits): Promise<void> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  if (files.length >= filesMax) throw refused(`there are ${files.length} recordings already`);
  let bytes = 0;
  for (const { parentPath, name } of files) {
    // Somebody may be deleting them at this moment.
    bytes += (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0;
    if (bytes >= keptBytesMax) throw refused(`the recordings that are kept hold ${keptBytesMax} bytes`);
  }
};

/** Recordings in this folder; without one every recording is refused. */
export const openRecordings = (
  folder: string | undefined,
  log: Logger,
  limits: RecordingLimits = recordingLimits,
): Recordings => {
  let openCount = 0;
  /** Those that are being made, by their files. */
  const going = new Map<string, Recording>();
  const folderOf = ({ site, id }: ReaderAddress): string | undefined =>
    folder === undefined ? undefined : join(folder, site, id);
  const known = (reader: ReaderAddress, name: string): string => {
    const own = folderOf(reader);
    if (own === undefined) throw new Fault("recording.unknown", name);
    return join(own, name);
  };

  const begin = async (folder: string, header: RecordingHeader, ended: () => void): Promise<Recording> => {
    const { site, reader, startedAt } = header;
    const name = `${startedAt.replaceAll(":", "-")}.jsonl`;
    await mkdir(join(folder, site, reader), { recursive: true, mode: 0o700 });
    await checkRoom(folder, limits);
    // Opened and begun here, so that whoever asks is told what is wrong with the disk.
    const handle = await open(join(folder, site, reader, name), "wx", 0o600);
    const line = `${JSON.stringify(header)}\n`;
    try {
      await handle.write(line);
    } catch (error) {
      await handle.close();
      throw error;
    }
    const file = join(site, reader, name);
    const recording = startRecording({
      stream: createWriteStream("", { fd: handle, highWaterMark: limits.unwrittenBytesMax }),
      file,
      since: startedAt,
      written: Buffer.byteLength(line),
      bounds: limits,
      log: log.child({ site, reader }),
      ended: () => {
        going.delete(file);
        ended();
      },
    });
    going.set(file, recording);
    return recording;
  };

  return {
    begin: async (header, ended) => {
      if (folder === undefined) throw refused("there is no folder for recordings");
      if (openCount >= limits.openMax) throw refused(`${limits.openMax} readers are recorded already`);
      openCount += 1;
      const leave = () => {
        openCount -= 1;
        ended();
      };
      try {
        return await begin(folder, header, leave);
      } catch (error) {
        openCount -= 1;
        if (error instanceof Fault) throw error;
        log.error({ err: error }, "a recording cannot be begun");
        throw refused("the folder for recordings cannot be written", error);
      }
    },
    find: async (reader) => {
      const own = folderOf(reader);
      if (own === undefined) return [];
      return findKept(own, (name) => going.get(join(reader.site, reader.id, name))?.frames());
    },
    part: async (reader, name, offset) => readKeptPart(known(reader, name), offset),
    remove: async (reader, name) => {
      if (going.has(join(reader.site, reader.id, name))) throw new Fault("recording.going", name);
      await deleteKept(known(reader, name));
    },
  };
};
