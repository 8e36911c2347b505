import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@tagwire/service";
import { refusedLine, savingLine, shortened, type Taken, takenLine } from "../actors/tally-lines.ts";

/** Beyond so many bytes, and twice of what it has to hold, a book is written anew in few lines. */
const bookBytesMax = 256 * 1_024;

/**
 * Writes down how much was taken from readers before anything becomes of it. What a process has written to a file stays when it is killed, though
 * not when the machine loses its power: so of a killed process it is known what it had taken that Postgres does not know of.
 */
export type TallyBook = {
  readonly took: (reader: number, taken: Taken) => void;
  /** A save is sent that tells of everything that was taken of these readers so far. One at a time. */
  readonly saving: (save: number, readers: readonly number[]) => void;
  readonly saved: (save: number) => void;
  /** Postgres does not take that save, and never will. */
  readonly refused: (save: number) => void;
  /** Ends it; where Postgres knows all that is in it, it is thrown away, else the next process reads it. */
  readonly end: (isTold: boolean) => void;
};

export const bookSuffix = ".tally";
/** The first line: whose book it is. */
export const headLine = (keeper: string, pid: number): string => `tagwire-tally 1 ${keeper} ${pid}\n`;

/** Where books lie. */
export type TallyShelf = { readonly open: (keeper: string) => TallyBook };

/** The shelf, and how many reads of which reader the books of killed processes told that were on it. */
export type Tallies = { readonly shelf: TallyShelf; readonly lost: Map<number, number> };

const openBook = (path: string, head: string, log: Logger): TallyBook => {
  let file: number | undefined = openSync(path, "wx", 0o600);
  let unwritten = head;
  let bytes = 0;
  let bytesMax = bookBytesMax;
  let lastSave = 0;
  let underWay: number | undefined;

  /** Nobody waits for a disk that is full: the book ends where it is, and what is taken from then on is not in it. */
  const orGiveUp = (write: (file: number) => void): void => {
    if (file === undefined) return;
    try {
      write(file);
    } catch (err) {
      log.error(
        { err, path },
        "what readers tell is not counted in a file any more: if this process is killed, reads will be missing",
      );
      file = undefined;
    }
  };
  const flush = (): void =>
    orGiveUp((open) => {
      bytes += writeSync(open, unwritten);
      unwritten = "";
    });
  const shorten = (): void =>
    orGiveUp((open) => {
      const text = head + shortened(readFileSync(path, "utf8").slice(head.length - 1), lastSave, underWay);
      const next = openSync(`${path}.new`, "w", 0o600);
      writeSync(next, text);
      renameSync(`${path}.new`, path);
      closeSync(open);
      file = next;
      bytes = Buffer.byteLength(text);
      bytesMax = Math.max(bookBytesMax, 2 * bytes);
    });
  /** What came in one piece from one wire is written at once, when all of it was looked at. */
  const add = (line: string): void => {
    if (unwritten === "") queueMicrotask(flushAll);
    unwritten += line;
  };
  const flushAll = (): void => {
    if (unwritten !== "") flush();
    if (bytes > bytesMax) shorten();
  };
  flush();

  return {
    took: (reader, taken) => add(takenLine(reader, taken)),
    saving: (save, readers) => {
      underWay = save;
      add(savingLine(save, readers));
      flushAll();
    },
    saved: (save) => {
      lastSave = save;
      underWay = undefined;
    },
    refused: (save) => {
      underWay = undefined;
      add(refusedLine(save));
      flushAll();
    },
    end: (isTold) => {
      flushAll();
      if (file !== undefined) closeSync(file);
      file = undefined;
      if (isTold) rmSync(path, { force: true });
    },
  };
};

export const openTallyShelf = (dir: string, log: Logger): TallyShelf => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return {
    open: (keeper) => openBook(join(dir, keeper + bookSuffix), headLine(keeper, process.pid), log),
  };
};
