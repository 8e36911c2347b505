import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { AccessOptions } from "./access.ts";
import { UsageError, type Whereabouts } from "./options.ts";

/** What a command about one site is told. */
export interface SiteOptions extends AccessOptions {
  readonly site: string;
  readonly json: boolean;
}

/** The lines about the options that every such command has. */
export const siteUsage = (what: string): string => `npx tagwire ${what} [options]
  --json           the result as JSON
  --data DIR       where the Tagwire that runs keeps its data (TAGWIRE_HOME; default .tagwire)
  --url URL        a Tagwire elsewhere, with --key-file
  --key-file FILE  a file with an API key (default: TAGWIRE_ADMIN_KEY, else the key for tools in the data folder)`;

const flags = {
  json: { type: "boolean" },
  data: { type: "string" },
  url: { type: "string" },
  "key-file": { type: "string" },
} as const;

/** Reads them; paths are taken from where the person is. @throws UsageError */
export const readSiteOptions = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { cwd, root, usage }: Whereabouts & { readonly usage: string },
): SiteOptions => {
  const wrong = (why: string): UsageError => new UsageError(`${why}\n\n${usage}`);
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: true });
    } catch (error) {
      throw wrong(error instanceof Error ? `${error.message.split(". ")[0] ?? ""}.` : String(error));
    }
  })();
  const { values, positionals } = parsed;
  const [site, ...more] = positionals;
  if (site === undefined || more.length > 0) throw wrong("Name one site.");
  const { url } = values;
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url))
    throw wrong("--url begins with http:// or https://.");
  const keyFile = values["key-file"];
  const home = values.data ?? (env.TAGWIRE_HOME || undefined);
  return {
    site,
    json: values.json === true,
    dataDir: home === undefined ? join(root, ".tagwire") : resolve(cwd, home),
    url: url?.replace(/\/+$/, ""),
    keyFile: keyFile === undefined ? undefined : resolve(cwd, keyFile),
    adminKey: env.TAGWIRE_ADMIN_KEY || undefined,
  };
};
