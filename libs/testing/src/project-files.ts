import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readIgnoreRules } from "./ignore-rules.ts";

export const root = join(import.meta.dirname, "../../..");

export type ProjectFile = {
  /** From the root, with slashes. */
  readonly path: string;
  /** Empty for what is no text. */
  readonly text: string;
};

const textOf = (bytes: Buffer): string => (bytes.includes(0) ? "" : bytes.toString("utf8"));

/** All files of the project: everything below the root but what .gitignore leaves out. */
export const readProject = (folder = root): ProjectFile[] => {
  const isIgnored = readIgnoreRules(readFileSync(join(folder, ".gitignore"), "utf8"));
  const walk = (below: string): ProjectFile[] =>
    readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      // In a second working tree of one repository .git is a file.
      if (path === ".git" || isIgnored(entry.name, entry.isDirectory())) return [];
      if (entry.isDirectory()) return walk(path);
      return entry.isFile() ? [{ path, text: textOf(readFileSync(join(folder, path))) }] : [];
    });
  return walk("").sort((one, other) => (one.path < other.path ? -1 : 1));
};
