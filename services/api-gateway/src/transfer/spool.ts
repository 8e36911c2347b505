import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Fault } from "@tagwire/messages";

/** What waits in memory, in bytes, before it is put into a file. */
export const spoolMemoryBytesMax = 1_024 * 1_024;
/** The longest answer that waits for its reader, in bytes: some twenty million rows. */
export const spoolFileBytesMax = 2 * 2 ** 30;
const readBytes = 64 * 1_024;

export type Spool = {
  /** What was written, in order, as fast as it is read. */
  readonly readable: Readable;
  /** @throws Fault `too_large` when more waits than {@link spoolFileBytesMax}. */
  readonly write: (text: string) => Promise<void>;
  readonly end: () => void;
};

/**
 * Holds an answer for a reader who comes later than it is written, in flat memory.
 *
 * Many clients send all of a request before they read any of the answer. If the answer waited for them they would wait for us, and
 * both for ever. So what is not read yet waits here: a little of it in memory, the rest in a nameless temporary file.
 */
export const openSpool = ({ memoryBytesMax = spoolMemoryBytesMax } = {}): Spool => {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let file: FileHandle | undefined;
  /** Places in the file: how far it was written and read. */
  let written = 0;
  let taken = 0;
  let isEnded = false;
  let isReading = false;
  let wake: (() => void) | undefined;

  const close = async () => {
    const old = file;
    file = undefined;
    waiting = [];
    await old?.close();
  };

  const readNext = async (): Promise<Buffer | null> => {
    for (;;) {
      if (file !== undefined && taken < written) {
        const buffer = Buffer.allocUnsafe(Math.min(readBytes, written - taken));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, taken);
        taken += bytesRead;
        return buffer.subarray(0, bytesRead);
      }
      if (waiting.length > 0) {
        const all = Buffer.concat(waiting);
        waiting = [];
        waitingBytes = 0;
        return all;
      }
      if (isEnded) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  };

  const readable = new Readable({
    highWaterMark: readBytes,
    read() {
      if (isReading) return;
      isReading = true;
      readNext().then(
        (bytes) => {
          isReading = false;
          readable.push(bytes);
        },
        (error: Error) => readable.destroy(error),
      );
    },
    destroy(error, done) {
      wake?.();
      close().then(() => done(error), done);
    },
  });

  const toFile = async () => {
    const bytes = Buffer.concat(waiting);
    // At once: whoever reads meanwhile must not find the same bytes in both places.
    waiting = [];
    waitingBytes = 0;
    if (taken === written) {
      taken = 0;
      written = 0;
    }
    if (written + bytes.length > spoolFileBytesMax)
      throw new Fault("too_large", "more of the answer waits to be read than can be kept");
    if (file === undefined) {
      const path = join(tmpdir(), `tagwire-answer-${randomUUID()}`);
      file = await open(path, "wx+", 0o600);
      await unlink(path);
    }
    await file.write(bytes, 0, bytes.length, written);
    written += bytes.length;
  };

  return {
    readable,
    write: async (text) => {
      if (readable.destroyed) return;
      const bytes = Buffer.from(text);
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes > memoryBytesMax) await toFile();
      wake?.();
    },
    end: () => {
      isEnded = true;
      wake?.();
    },
  };
};
