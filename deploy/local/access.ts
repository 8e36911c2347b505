import { readFile } from "node:fs/promises";
import { DataFolderError, layOut } from "./data-folder.ts";
import { readEndpoints } from "./endpoints.ts";
import { UsageError } from "./options.ts";
import { localKeyFileOf } from "./services.ts";

/** Where a running Tagwire is looked for, and with which key. */
export interface AccessOptions {
  readonly dataDir: string;
  readonly url: string | undefined;
  readonly keyFile: string | undefined;
  readonly adminKey: string | undefined;
}

/** A running Tagwire, and a key to it. */
export interface Access {
  readonly url: string;
  /** Asked each time: an api-gateway that was started again has made another one. */
  readonly readKey: () => Promise<string>;
  readonly signal: AbortSignal;
  /** How long somebody who does not answer is asked again, in ms; two minutes unless it says otherwise. */
  readonly patienceMs?: number;
}

/**
 * Finds the Tagwire that runs.
 *
 * @throws DataFolderError when none runs on the data folder; UsageError when one elsewhere is named without a key
 */
export const accessOf = (options: AccessOptions, usage: string, signal: AbortSignal): Access => {
  const folder = layOut(options.dataDir);
  const url = options.url ?? readEndpoints(folder.endpoints)?.http;
  if (url === undefined)
    throw new DataFolderError(`No Tagwire runs on ${options.dataDir}. Start it, or say --data or --url.`);
  const { keyFile, adminKey } = options;
  if (options.url !== undefined && keyFile === undefined && adminKey === undefined)
    throw new UsageError(`A Tagwire elsewhere needs --key-file.\n\n${usage}`);
  const file = keyFile ?? localKeyFileOf(folder);
  const readKey = async (): Promise<string> =>
    keyFile === undefined && adminKey !== undefined ? adminKey : (await readFile(file, "utf8")).trim();
  return { url, readKey, signal };
};
