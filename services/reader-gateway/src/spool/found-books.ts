import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "@tagwire/service";
import { untoldIn } from "../actors/tally-lines.ts";
import type { Sql } from "../store/database.ts";
import { countUntold } from "../store/tallies.ts";
import { bookSuffix, openTallyShelf, type Tallies } from "./tally-book.ts";

/** Postgres forgets a keeper after a month: of an older book nobody can tell any more what was saved. */
const bookAgeMsMax = 29 * 24 * 3_600_000;

/** A process that runs writes on; one with our own number was another. */
const isRunning = (pid: number): boolean => {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** None where there is no folder yet. One that cannot be read is an error: books may lie there, and what they tell would be missing. */
const namesIn = async (dir: string): Promise<string[]> => {
  try {
    return await readdir(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Error(`what readers told cannot be counted: the folder ${dir} cannot be read`, { cause });
  }
};

/**
 * Reads the books that killed processes left on this machine: what they had taken that Postgres does not know of is counted as lost. Answers how
 * many reads of which reader that are. A book that is none is left where it is, and told.
 */
export const takeUpBooks = async (dir: string, sql: Sql, log: Logger): Promise<Map<number, number>> => {
  const lost = new Map<number, number>();
  const files = await namesIn(dir);
  for (const name of files.filter((file) => file.endsWith(bookSuffix))) {
    const path = join(dir, name);
    const text = await readFile(path, "utf8");
    const head = /^tagwire-tally 1 ([0-9a-f-]{36}) (\d+)\n/.exec(text);
    const [, keeper, pid] = head ?? [];
    if (keeper === undefined) {
      log.error({ path }, "a file among those that count what readers tell cannot be read");
      continue;
    }
    if (isRunning(Number(pid))) continue;
    if (Date.now() - (await stat(path)).mtimeMs > bookAgeMsMax)
      log.error({ path }, "what a process counted that was killed so long ago says nothing any more");
    else
      for (const [reader, reads] of await countUntold(sql, keeper, (lastSave) => untoldIn(text, lastSave)))
        lost.set(reader, (lost.get(reader) ?? 0) + reads);
    await rm(path, { force: true });
  }
  return lost;
};

/** Takes up what lies in the folder, and makes room for this process's own book. Undefined without a folder. */
export const openTallies = async (
  dir: string | undefined,
  sql: Sql,
  log: Logger,
): Promise<Tallies | undefined> => {
  if (dir === undefined) return undefined;
  const lost = await takeUpBooks(dir, sql, log);
  return { shelf: openTallyShelf(dir, log), lost };
};
