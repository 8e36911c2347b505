import { posix } from "node:path";
import type { ProjectFile } from "./project-files.ts";

export type SourceFile = ProjectFile & {
  /** `libs/bus`, `services/operations`, `deploy/local` … */
  readonly room: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
  /** Those of `imports` that are there at run time: `import type` is not. */
  readonly valueImports: readonly string[];
};

export type Manifest = {
  readonly path: string;
  /** The folder it describes; empty for the root. */
  readonly room: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
};

export type ProjectTree = {
  readonly files: readonly ProjectFile[];
  readonly sources: readonly SourceFile[];
  /** Sources that people run. */
  readonly product: readonly SourceFile[];
  readonly manifests: readonly Manifest[];
};

const quoted = "[\"'`]([^\"'`]+)[\"'`]";
/** Every way in which a module can be named in our sources; a name that is put together at run time is none. */
const importPatterns = [
  new RegExp(`(?:^|\\n)\\s*(?:import|export)\\s(?:[^"';]*?\\sfrom\\s)?${quoted}`, "g"),
  new RegExp(`\\bimport\\(\\s*${quoted}`, "g"),
  new RegExp(`\\brequire(?:\\.resolve)?\\(\\s*${quoted}`, "g"),
  new RegExp(`\\bcreateRequire\\([^)]*\\)(?:\\.resolve)?\\(\\s*${quoted}`, "g"),
];

const importsIn = (text: string): string[] => [
  ...new Set(importPatterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ""))),
];

const isSource = (path: string): boolean =>
  /^(libs|services|deploy)\/.*\.(ts|tsx|mts|mjs)$/.test(path) && !path.endsWith(".d.mts");

/** Files that stand beside tests to serve them: `test-…` and `scripted-…`. The testing lib itself is product of its own, and so are launchers. */
export const isTestSupport = (path: string): boolean =>
  /^(services|libs|deploy\/acceptance)\/(?!testing\/)(.*\/)?(test|scripted)-[^/]+\.ts$/.test(path);

const sourceOf = (file: ProjectFile): SourceFile => ({
  ...file,
  room: file.path.split("/").slice(0, 2).join("/"),
  isTest: /\.test\.tsx?$/.test(file.path) || isTestSupport(file.path),
  imports: importsIn(file.text),
  valueImports: importsIn(file.text.replaceAll(/(^|\n)\s*(import|export) type\s[^;]*;/g, "\n")),
});

const manifestOf = ({ path, text }: ProjectFile): Manifest => {
  const read = JSON.parse(text) as Partial<Manifest>;
  return {
    path,
    room: path === "package.json" ? "" : posix.dirname(path),
    dependencies: read.dependencies ?? {},
    devDependencies: read.devDependencies ?? {},
    optionalDependencies: read.optionalDependencies ?? {},
  };
};

export const treeOf = (files: readonly ProjectFile[]): ProjectTree => {
  const sources = files.filter(({ path }) => isSource(path)).map(sourceOf);
  return {
    files,
    sources,
    product: sources.filter(({ isTest }) => !isTest),
    manifests: files.filter(({ path }) => posix.basename(path) === "package.json").map(manifestOf),
  };
};

/** The file a relative import names, from the root. */
export const resolveImport = (from: string, specifier: string): string =>
  posix.join(posix.dirname(from), specifier);

/** `@tagwire/bus/x` → `bus`; undefined for what is not ours. */
export const ourLib = (specifier: string): string | undefined => /^@tagwire\/([a-z-]+)/.exec(specifier)?.[1];

/** `@scope/name/deep` → `@scope/name`; undefined for our own files and what comes with Node. */
export const packageOf = (specifier: string): string | undefined =>
  /^(node:|\.|\/)/.test(specifier) || !/^[@a-z]/.test(specifier)
    ? undefined
    : specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
