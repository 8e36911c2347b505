import type { Sql } from "@tagwire/store";

/** Remembers a key that signs the archive; repeating it changes nothing. */
export const noteArchiveKey = async (
  sql: Sql,
  { id, publicKey }: { readonly id: string; readonly publicKey: string },
): Promise<void> => {
  await sql`insert into archive_key (id, public_key) values (${id}, ${publicKey}) on conflict do nothing`;
};

/** Every key that ever signed the archive, as PEM, one after the other; undefined where none ever did. */
export const findArchiveKeys = async (sql: Sql): Promise<string | undefined> => {
  const rows = await sql<{ publicKey: string }[]>`
    select public_key as "publicKey" from archive_key order by first_at, id`;
  return rows.length === 0 ? undefined : rows.map(({ publicKey }) => publicKey).join("");
};
