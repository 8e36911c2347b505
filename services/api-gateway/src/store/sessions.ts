import { stored } from "./failing.ts";
import { hashOf, newSecret } from "./secret.ts";
import type { GatewayStore } from "./tables.ts";

/** A session ends when nobody used it for this long. */
export const sessionIdleMs = 12 * 3_600_000;
/** The end moves in steps, so that a busy screen does not write a row for each request. */
const extendStepMs = 5 * 60_000;

export type Session = { readonly name: string; readonly keyId: string | null };
type Database = GatewayStore["db"];

/** Opens a session and gives its id, which only the browser keeps. Old sessions are swept on the way. */
export const openSession = async (db: Database, { name, keyId }: Session): Promise<string> => {
  const id = newSecret();
  const now = new Date();
  await stored("session", db.deleteFrom("session").where("expires_at", "<", now).execute());
  const row = {
    hash: hashOf(id),
    key_id: keyId,
    name,
    created_at: now,
    expires_at: new Date(now.getTime() + sessionIdleMs),
  };
  await stored("session", db.insertInto("session").values(row).execute());
  return id;
};

/** The living session with this id, whose end is moved on by using it. */
export const useSession = async (db: Database, id: string): Promise<Session | undefined> => {
  const hash = hashOf(id);
  const now = new Date();
  const row = await stored(
    "session",
    db
      .selectFrom("session")
      .leftJoin("api_key", "api_key.id", "session.key_id")
      .select(["session.name", "session.key_id", "session.expires_at"])
      .where("session.hash", "=", hash)
      .where("session.expires_at", ">", now)
      // A sign-in may pass just before its key ends, so ending a key cannot count on finding all its sessions.
      .where("api_key.revoked_at", "is", null)
      .executeTakeFirst(),
  );
  if (row === undefined) return undefined;
  const expiresAt = new Date(now.getTime() + sessionIdleMs);
  if (expiresAt.getTime() - row.expires_at.getTime() > extendStepMs)
    await stored(
      "session",
      db.updateTable("session").set({ expires_at: expiresAt }).where("hash", "=", hash).execute(),
    );
  return { name: row.name, keyId: row.key_id };
};

/** Safe to repeat. */
export const closeSession = async (db: Database, id: string): Promise<void> => {
  await stored("session", db.deleteFrom("session").where("hash", "=", hashOf(id)).execute());
};
