import { join, resolve } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { AccessOptions } from "./access.ts";
import { UsageError, type Whereabouts } from "./options.ts";

/** What a command takes besides the options that every one has. */
export interface OwnOptions {
  /** How many words it takes, and what is said when there are others. */
  readonly words: { readonly count: number; readonly why: string };
  /** Flags of its own, each with a value. */
  readonly flags?: readonly string[];
}

/** What a command to a Tagwire that runs is told. */
export interface ToolOptions extends AccessOptions {
  readonly words: readonly string[];
  readonly json: boolean;
  /** The flags of its own that were said. */
  readonly said: Readonly<Record<string, string | undefined>>;
}

/** The lines about the options that every such command has; `own` are lines about its own. */
export const toolUsage = (what: string, own: readonly string[] = []): string =>
  [
    `npx tagwire ${what} [options]`,
    ...own,
    "  --json           the result as JSON",
    "  --data DIR       where the Tagwire that runs keeps its data (TAGWIRE_HOME; default .tagwire)",
    "  --url URL        a Tagwire elsewhere, with --key-file",
    "  --key-file FILE  a file with an API key (default: TAGWIRE_ADMIN_KEY, else the key for tools in the data folder)",
  ].join("\n");

const common = {
  json: { type: "boolean" },
  data: { type: "string" },
  url: { type: "string" },
  "key-file": { type: "string" },
} as const;

/** Reads them; paths are taken from where the person is. @throws UsageError */
export const readToolOptions = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { cwd, root, usage, words, flags = [] }: Whereabouts & OwnOptions & { readonly usage: string },
): ToolOptions => {
  const wrong = (why: string): UsageError => new UsageError(`${why}\n\n${usage}`);
  const own: NonNullable<ParseArgsConfig["options"]> = Object.fromEntries(
    flags.map((flag) => [flag, { type: "string" }]),
  );
  const parsed = (() => {
    try {
      return parseArgs({
        args: [...args],
        options: { ...own, ...common },
        strict: true,
        allowPositionals: true,
      });
    } catch (error) {
      throw wrong(error instanceof Error ? `${error.message.split(". ")[0] ?? ""}.` : String(error));
    }
  })();
  const { positionals } = parsed;
  const values = parsed.values as Readonly<Record<string, string | boolean | undefined>>;
  const text = (flag: string): string | undefined => {
    const value = values[flag];
    return typeof value === "string" ? value : undefined;
  };
  if (positionals.length !== words.count) throw wrong(words.why);
  const url = text("url");
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url))
    throw wrong("--url begins with http:// or https://.");
  const keyFile = text("key-file");
  const home = text("data") ?? (env.TAGWIRE_HOME || undefined);
  return {
    words: positionals,
    json: values.json === true,
    said: Object.fromEntries(flags.map((flag) => [flag, text(flag)])),
    dataDir: home === undefined ? join(root, ".tagwire") : resolve(cwd, home),
    url: url?.replace(/\/+$/, ""),
    keyFile: keyFile === undefined ? undefined : resolve(cwd, keyFile),
    adminKey: env.TAGWIRE_ADMIN_KEY || undefined,
  };
};
