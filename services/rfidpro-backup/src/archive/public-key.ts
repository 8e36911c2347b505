import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArchivePlace } from "./place.ts";
import { readPublicKeys, type SigningKey } from "./signing-key.ts";

/** Where the public keys lie, beside all that they prove. */
export const publicKeyName = "public-key.pem";

/** Lays the public key beside the archive, if there is none. @throws Error where another one is there: its key was lost or changed */
export const layPublicKey = async (place: ArchivePlace, key: SigningKey): Promise<void> => {
  if (await place.has(publicKeyName)) {
    const chunks: Buffer[] = [];
    for await (const chunk of place.read(publicKeyName)) chunks.push(chunk as Buffer);
    const beside = readPublicKeys(Buffer.concat(chunks).toString());
    if (beside.has(key.id)) return;
    throw new Error("the archive was signed with another key than the one in the signing key's file");
  }
  const folder = await place.spool("public-key");
  try {
    const draft = join(folder, publicKeyName);
    await writeFile(draft, key.publicKey, { mode: 0o600 });
    await place.put(publicKeyName, draft);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
