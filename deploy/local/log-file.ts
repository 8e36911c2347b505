import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

const logBytesMax = 16 * 1024 * 1024;

/** A log that never takes more than twice its limit: when it is full, it becomes `<file>.1` and begins anew. */
export interface LogFile {
  /** Never throws: a full disk costs lines of a log, not the system that writes them. How many is said once there is room. */
  readonly write: (line: string) => void;
  readonly close: () => void;
}

type Open = { readonly descriptor: number; bytes: number };

const open = (file: string): Open => {
  const descriptor = openSync(file, "a", 0o600);
  return { descriptor, bytes: fstatSync(descriptor).size };
};

/** How the bytes get to the disk; a test may stand in for a disk that is full. */
export type Write = (descriptor: number, text: string) => number;

/** Throws when the file cannot be opened at all. */
export const openLogFile = (
  file: string,
  bytesMax: number = logBytesMax,
  write: Write = (descriptor, text) => writeSync(descriptor, text),
): LogFile => {
  let current: Open | undefined = open(file);
  let isClosed = false;
  let linesLost = 0;

  const close = (): void => {
    if (current !== undefined) closeSync(current.descriptor);
    current = undefined;
  };
  const rotate = (): void => {
    close();
    renameSync(file, `${file}.1`);
  };
  const append = (text: string): void => {
    if (current !== undefined && current.bytes > 0 && current.bytes + text.length > bytesMax) rotate();
    current ??= open(file);
    current.bytes += write(current.descriptor, text);
  };
  return {
    write: (line) => {
      if (isClosed) return; // The last words of a process after its log was closed.
      try {
        if (linesLost > 0) append(`(${linesLost} lines could not be written here)\n`);
        linesLost = 0;
        append(`${line}\n`);
      } catch {
        linesLost += 1;
      }
    },
    close: () => {
      isClosed = true;
      close();
    },
  };
};
