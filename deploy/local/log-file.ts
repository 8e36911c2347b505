import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

const logBytesMax = 16 * 1024 * 1024;

/** A log that never takes more than twice its limit: when it is full, it becomes `<file>.1` and begins anew. */
export interface LogFile {
  readonly write: (line: string) => void;
  readonly close: () => void;
}

export const openLogFile = (file: string, bytesMax: number = logBytesMax): LogFile => {
  let descriptor: number | undefined = openSync(file, "a", 0o600);
  let size = fstatSync(descriptor).size;
  const rotate = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    renameSync(file, `${file}.1`);
    descriptor = openSync(file, "a", 0o600);
    size = 0;
  };
  return {
    write: (line) => {
      if (descriptor === undefined) return; // The last words of a process after its log was closed.
      if (size > 0 && size + line.length > bytesMax) rotate();
      size += writeSync(descriptor, `${line}\n`);
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
};
