import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Rfidpro } from "@tagwire/emulators";
import { plainEnvironment, type RecordedConnection, type Stack } from "@tagwire/testing";
import { expect } from "vitest";

/* What the processes of the service really open and send, whichever of their files does it. */

const recorder = resolve(import.meta.dirname, "../../libs/testing/src/record-connections.ts");
const program = resolve(import.meta.dirname, "../../services/rfidpro-backup/src/main.ts");

export type Recorded = {
  /** For the processes that are to be recorded. */
  readonly env: Readonly<Record<string, string>>;
  /** What those did that run the service, or one of its one-shots. */
  readonly read: () => Promise<readonly RecordedConnection[]>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

export const recordConnections = async (): Promise<Recorded> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-connections-"));
  const file = join(folder, "connections");
  return {
    env: { NODE_OPTIONS: `--import ${recorder}`, RECORD_CONNECTIONS: file },
    read: async () =>
      (await readFile(file, "utf8"))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as RecordedConnection)
        .filter((one) => one.program === program),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};

/** Nothing was opened but to Postgres, to the bus and to RFIDpro, and nothing was said to RFIDpro but logins and questions for rows. */
export const expectOnlyRead = async (
  { read }: Recorded,
  rfidpro: Rfidpro,
  { databaseUrl, natsUrl }: Pick<Stack, "databaseUrl" | "natsUrl">,
): Promise<void> => {
  const all = await read();
  const ports = all.flatMap((one) => ("port" in one ? [one.port] : []));
  const known = [databaseUrl, natsUrl, rfidpro.dataUrl].map((url) => Number(new URL(url).port));
  expect(new Set(ports)).toEqual(new Set(known));

  const sent = all.flatMap((one) => ("method" in one ? [one] : []));
  const places = sent.map(({ method, url }) => `${method} ${new URL(url).origin}${new URL(url).pathname}`);
  const { loginUrl, dataUrl, datasets } = rfidpro;
  expect(new Set(places)).toEqual(
    new Set([
      `POST ${loginUrl}/api/v1/login`,
      ...Object.values(datasets).map((id) => `GET ${dataUrl}/api/v1/data/${id}`),
    ]),
  );
  // RFIDpro heard this, and nothing besides.
  const heard = rfidpro.requests().map(({ method, path, query }) => `${method} ${path}${query}`);
  expect(heard.toSorted()).toEqual(
    sent.map(({ method, url }) => `${method} ${new URL(url).pathname}${new URL(url).search}`).toSorted(),
  );
};

/** Runs the one-shot that verifies an archive, and gives what it says. */
export const verify = async (archive: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, "verify-archive", archive], {
    env: { ...plainEnvironment(), LOG_LEVEL: "silent", ...env },
  });
  return stdout;
};
