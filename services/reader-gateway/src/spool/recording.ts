import { once } from "node:events";
import type { WriteStream } from "node:fs";
import type { RecordedLine, RecordingEnd, RecordingEndReason } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { ReaderNotice, TagRead } from "../drivers/driver.ts";

export type RecordingBounds = {
  readonly durationMsMax: number;
  readonly bytesMax: number;
  /** What the disk has not taken yet may grow to this; readers do not wait for it. */
  readonly unwrittenBytesMax: number;
};

/** What one reader says, as it is written down. Nothing of it throws or waits: a full disk ends a recording, and no reader. */
export type Recording = {
  /** Below the folder of recordings. */
  readonly file: string;
  readonly since: string;
  /** Lines that came of the reader, so far. */
  readonly frames: () => number;
  readonly frame: (reads: readonly TagRead[], bytes?: Uint8Array) => void;
  readonly malformed: (reason: string, bytes: Uint8Array) => void;
  readonly notice: (notice: ReaderNotice) => void;
  /** Resolves when the file is closed. The first reason counts. */
  readonly end: (reason: RecordingEndReason) => Promise<void>;
};

export type RecordingOptions = {
  readonly stream: WriteStream;
  readonly file: string;
  readonly since: string;
  /** What is in the file already, in bytes. */
  readonly written: number;
  readonly bounds: RecordingBounds;
  readonly log: Logger;
  /** It is over, for whatever reason. */
  readonly ended: () => void;
};

const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
/** The last line has to fit as well. */
const endBytesMax = 128;

/**
 * Writes lines to a file that is open, each whole as the process hands it over, so that `kill -9` tears the last one at most.
 *
 * Instants are told as they lie in the recording, from how long ago they were when they came: a wall clock that is put right meanwhile
 * moves nothing.
 */
export const startRecording = (options: RecordingOptions): Recording => {
  const { stream, file, since, bounds, log } = options;
  const startedMs = performance.now();
  const closed = once(stream, "close");
  let written = options.written;
  let frames = 0;
  let isOver = false;

  const over = () => {
    isOver = true;
    clearTimeout(timer);
    options.ended();
  };
  const atMs = (): number => Math.round((performance.now() - startedMs) * 1_000) / 1_000;
  const end = async (reason: RecordingEndReason): Promise<void> => {
    if (!isOver) {
      over();
      stream.end(`${JSON.stringify({ atMs: atMs(), end: reason, frames } satisfies RecordingEnd)}\n`);
      log.info({ file, reason, bytes: written }, "a recording has ended");
    }
    await closed.catch(() => undefined);
  };
  const say = (recorded: RecordedLine): void => {
    const line = `${JSON.stringify(recorded)}\n`;
    const bytes = Buffer.byteLength(line);
    if (written + bytes + endBytesMax > bounds.bytesMax) return void end("size");
    if (stream.writableLength + bytes > bounds.unwrittenBytesMax) return void end("slow");
    written += bytes;
    frames += 1;
    stream.write(line);
  };
  const timer = setTimeout(() => void end("time"), bounds.durationMsMax);
  timer.unref();
  closed.catch(() => undefined);
  stream.on("error", (err) => {
    log.error({ err, file }, "a recording cannot be written and has ended");
    if (!isOver) over();
  });

  return {
    file,
    since,
    frames: () => frames,
    frame: (reads, bytes) => {
      if (isOver) return;
      const now = atMs();
      const wallMs = Date.now();
      say({
        atMs: now,
        reads: reads.map(({ heardAtMs, ...read }) => ({ ...read, heardMs: now - (wallMs - heardAtMs) })),
        ...(bytes === undefined ? {} : { bytes: hexOf(bytes) }),
      });
    },
    malformed: (reason, bytes) => {
      if (!isOver) say({ atMs: atMs(), malformed: reason, bytes: hexOf(bytes) });
    },
    notice: (notice) => {
      if (isOver || notice.kind !== "input") return;
      const now = atMs();
      say({ atMs: now, input: { port: notice.port, brokenMs: now - (Date.now() - notice.atMs) } });
    },
    end,
  };
};
