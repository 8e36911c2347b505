import { randomBytes } from "node:crypto";
import { stored } from "./failing.ts";
import { hashOf, isSameHash, newSecret } from "./secret.ts";
import type { GatewayStore, Tables } from "./tables.ts";

export type ApiKey = { readonly id: string; readonly name: string };
type Database = GatewayStore["db"];
export type ApiKeyRow = Omit<Tables["api_key"], "hash">;

/** Longer lists than this are not shown; keys are made by hand. */
export const keysListedMax = 500;
const idBytes = 8;
const keyPattern = /^twk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
/** `last_used_at` moves in steps, so that a busy key does not write a row for each request. */
const lastUsedStepMs = 60_000;

/** Makes a key. Its text is given this once; only its hash is kept. */
export const createKey = async (db: Database, name: string): Promise<ApiKey & { key: string }> => {
  const id = randomBytes(idBytes).toString("hex");
  const key = `twk_${id}_${newSecret()}`;
  const row = { id, name, role: "admin", hash: hashOf(key), created_at: new Date() } as const;
  await stored(
    "api_key",
    db
      .insertInto("api_key")
      .values({ ...row, last_used_at: null, revoked_at: null })
      .execute(),
  );
  return { id, name, key };
};

/** The key that this text is, unless it is unknown or revoked. */
export const findKey = async (db: Database, text: string): Promise<ApiKey | undefined> => {
  const id = keyPattern.exec(text)?.[1];
  if (id === undefined) return undefined;
  const row = await stored(
    "api_key",
    db
      .selectFrom("api_key")
      .select(["id", "name", "hash"])
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .executeTakeFirst(),
  );
  if (row === undefined || !isSameHash(Buffer.from(row.hash, "hex"), Buffer.from(hashOf(text), "hex")))
    return undefined;
  return { id: row.id, name: row.name };
};

export const listKeys = (db: Database): Promise<ApiKeyRow[]> =>
  stored(
    "api_key",
    db
      .selectFrom("api_key")
      .select(["id", "name", "role", "created_at", "last_used_at", "revoked_at"])
      .orderBy("created_at", "desc")
      .limit(keysListedMax)
      .execute(),
  );

/** Whether any key can be used: without one, somebody has to be let in by a setup link. */
export const hasKey = async (db: Database): Promise<boolean> => {
  const row = await stored(
    "api_key",
    db.selectFrom("api_key").select("id").where("revoked_at", "is", null).limit(1).executeTakeFirst(),
  );
  return row !== undefined;
};

/** Ends a key and every session that was opened with it. False when there is no such living key. */
export const revokeKey = async (db: Database, id: string): Promise<boolean> => {
  const [result] = await stored(
    "api_key",
    db
      .updateTable("api_key")
      .set({ revoked_at: new Date() })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .execute(),
  );
  await stored("session", db.deleteFrom("session").where("key_id", "=", id).execute());
  return Number(result?.numUpdatedRows ?? 0) > 0;
};

/** Ends every key of that name and makes a new one. */
export const replaceKey = async (db: Database, name: string): Promise<ApiKey & { key: string }> => {
  const old = await stored(
    "api_key",
    db.selectFrom("api_key").select("id").where("name", "=", name).where("revoked_at", "is", null).execute(),
  );
  for (const { id } of old) await revokeKey(db, id);
  return createKey(db, name);
};

export const touchKey = async (db: Database, id: string): Promise<void> => {
  const now = new Date();
  await stored(
    "api_key",
    db
      .updateTable("api_key")
      .set({ last_used_at: now })
      .where("id", "=", id)
      .where((row) =>
        row.or([
          row("last_used_at", "is", null),
          row("last_used_at", "<", new Date(now.getTime() - lastUsedStepMs)),
        ]),
      )
      .execute(),
  );
};
