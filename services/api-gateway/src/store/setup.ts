import { rename, rm, writeFile } from "node:fs/promises";
import type { Config } from "../config.ts";
import { stored } from "./failing.ts";
import { hasKey, replaceKey } from "./keys.ts";
import { hashOf, newSecret } from "./secret.ts";
import type { GatewayStore } from "./tables.ts";

const signInTokenLifeMs = 24 * 3_600_000;
export const localKeyName = "local tools";

type Database = GatewayStore["db"];

const mintToken = async (db: Database): Promise<string> => {
  const token = newSecret();
  const now = Date.now();
  await stored(
    "sign_in_token",
    db.deleteFrom("sign_in_token").where("expires_at", "<", new Date(now)).execute(),
  );
  await stored(
    "sign_in_token",
    db
      .insertInto("sign_in_token")
      .values({ hash: hashOf(token), expires_at: new Date(now + signInTokenLifeMs) })
      .execute(),
  );
  return token;
};

/** Uses a sign-in token up. Two askers at once cannot both succeed: the deletion decides. */
export const consumeToken = async (db: Database, token: string): Promise<boolean> => {
  const [result] = await stored(
    "sign_in_token",
    db
      .deleteFrom("sign_in_token")
      .where("hash", "=", hashOf(token))
      .where("expires_at", ">", new Date())
      .execute(),
  );
  return Number(result?.numDeletedRows ?? 0) > 0;
};

// A file that exists keeps its mode when it is overwritten, so a new one takes its place.
const writeSecretFile = async (file: string, text: string): Promise<void> => {
  const draft = `${file}.${process.pid}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, `${text}\n`, { mode: 0o600, flag: "wx" });
  await rename(draft, file);
};

/**
 * Lets the first person in. With an admin key there is nothing to do. Otherwise a one-time link goes to the sign-in file, on
 * every start; without such a file it is printed, and only while no API key exists.
 */
export const offerSignIn = async (
  db: Database,
  config: Config,
  publicUrl: string,
  print: (line: string) => void,
): Promise<void> => {
  if (config.adminKeyHash !== undefined) return;
  const link = async () => `${publicUrl}/#sign-in=${await mintToken(db)}`;
  if (config.signInFile !== undefined) return writeSecretFile(config.signInFile, await link());
  if (!(await hasKey(db))) print(`Open this link once, within 24 hours, to sign in: ${await link()}`);
};

/** A fresh key for tools on this machine, on every start; the one of the last start ends. */
export const offerLocalKey = async (db: Database, config: Config): Promise<void> => {
  if (config.localKeyFile === undefined) return;
  const { key } = await replaceKey(db, localKeyName);
  await writeSecretFile(config.localKeyFile, key);
};
