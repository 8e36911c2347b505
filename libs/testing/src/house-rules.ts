import type { ProjectTree, SourceFile } from "./project-tree.ts";

/** Looks at a project and gives each offence as one line, which begins with the file or folder that offends. */
export type HouseRule = (tree: ProjectTree) => string[];

/** What each of the files does wrong, under its name. */
export const offences = (
  files: readonly SourceFile[],
  check: (file: SourceFile) => readonly string[],
): string[] => files.flatMap((file) => check(file).map((what) => `${file.path}: ${what}`));
