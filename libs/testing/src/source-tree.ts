import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const root = join(import.meta.dirname, "../../..");

/** Files of the project: what git tracks and what it would track. */
export const projectFiles = (): string[] =>
  execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter(Boolean);

export type SourceFile = {
  readonly path: string;
  readonly text: string;
  /** `libs/bus`, `services/operations`, `deploy/local` … */
  readonly room: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
  /** Those of `imports` that are there at run time: `import type` is not. */
  readonly valueImports: readonly string[];
};

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g;

const importsIn = (text: string): string[] =>
  [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? "");

const isSource = (path: string): boolean =>
  /^(libs|services|deploy)\/.*\.(ts|tsx|mts|mjs)$/.test(path) && !path.endsWith(".d.mts");

/** Files that stand beside tests to serve them: `test-…` and `scripted-…`. The testing lib itself is product of its own. */
export const isTestSupport = (path: string): boolean =>
  /^(services|libs)\/(?!testing\/).*\/(test|scripted)-[^/]+\.ts$/.test(path);

/** Every source file with what it imports. */
export const sourceFiles = (): SourceFile[] =>
  projectFiles()
    .filter(isSource)
    .map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      return {
        path,
        text,
        room: path.split("/").slice(0, 2).join("/"),
        isTest: /\.test\.tsx?$/.test(path) || isTestSupport(path),
        imports: importsIn(text),
        valueImports: importsIn(text.replaceAll(/(^|\n)\s*(import|export) type\s[^;]*;/g, "\n")),
      };
    });

/** The file a relative import names, from the root. */
export const resolveImport = (from: string, specifier: string): string =>
  relative(root, join(root, dirname(from), specifier));

export const readJson = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(root, path), "utf8")) as Record<string, unknown>;
