import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** A key that signs what goes into the archive: Ed25519, RFC 8032. */
export type SigningKey = {
  /** Names the key in what it signed. */
  readonly id: string;
  readonly publicKey: string;
  readonly sign: (content: string | Uint8Array) => string;
};

const idLength = 16;

/** The first half of the SHA-256 of a public key, in hex. */
const idOf = (key: KeyObject): string =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, idLength * 2);

/** Writes a new file, or none where there is one: of two processes that begin at once both get the same key. */
const writeOnce = async (file: string, text: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  const handle = await open(draft, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
};

const readIfThere = (file: string): Promise<string | undefined> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });

/** The key in a file, which is made, for its owner alone, where there is none. @throws Error where the file holds something else */
export const openSigningKey = async (file: string): Promise<SigningKey> => {
  if ((await readIfThere(file)) === undefined) {
    const { privateKey } = generateKeyPairSync("ed25519");
    await writeOnce(file, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  }
  const key = createPrivateKey(await readFile(file, "utf8"));
  if (key.asymmetricKeyType !== "ed25519") throw new Error("the signing key is none of Ed25519");
  const publicKey = createPublicKey(key);
  return {
    id: idOf(publicKey),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign: (content) =>
      sign(null, typeof content === "string" ? Buffer.from(content) : content, key).toString("base64url"),
  };
};

/** Keys that may have signed, by their ids. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

/** The public keys in a text, where there may be several, one after the other. @throws Error for a text that holds none */
export const readPublicKeys = (text: string): PublicKeys => {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0) throw new Error("no public key is in it");
  return new Map(
    blocks.map((block) => {
      const key = createPublicKey(block);
      return [idOf(key), key];
    }),
  );
};

const pemsOf = (keys: PublicKeys): string[] =>
  [...keys.values()].map((key) => key.export({ type: "spki", format: "pem" }).toString());

/** Whether a text is how Tagwire writes these public keys, each once, and nothing besides: PEM has many spellings of one key. */
export const isAsWritten = (text: string): boolean => pemsOf(readPublicKeys(text)).join("") === text;

/** Whether two texts hold the same public keys, and the second one nothing besides. */
export const areSameKeys = (known: string, beside: string): boolean => {
  const [ours, theirs] = [known, beside].map((text) => pemsOf(readPublicKeys(text)).toSorted().join(""));
  return ours === theirs && isAsWritten(beside);
};

/**
 * Whether the named key, one of these, has signed a text. A signature has one spelling: base64 is read leniently, so that bits of its last
 * character and whatever is no character of it say nothing, and could be changed without a trace.
 */
export const hasSigned = (
  keys: PublicKeys,
  { key, text, signature }: { readonly key: string; readonly text: string; readonly signature: string },
): boolean => {
  const known = keys.get(key);
  const bytes = Buffer.from(signature, "base64url");
  return (
    known !== undefined &&
    bytes.toString("base64url") === signature &&
    verify(null, Buffer.from(text), known, bytes)
  );
};
