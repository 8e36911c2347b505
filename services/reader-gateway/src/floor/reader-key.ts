import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { StoredReader } from "../store/readers.ts";

const keyBytes = 32;

/** The hash of a reader's own key, in hex, and since when it holds. */
export type ReaderKey = { readonly hash: string; readonly madeAt: Date };

/** What is stored of a reader's key; undefined when it has none. */
export const keyOf = ({ keyHash, keyMadeAt }: StoredReader): ReaderKey | undefined =>
  keyHash === undefined || keyHash === null ? undefined : { hash: keyHash, madeAt: keyMadeAt ?? new Date(0) };

/** What is kept of a key. No salt: it is 256 random bits, so there is nothing to guess ahead of time. */
export const hashOfKey = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A new key, and what is kept of it. */
export const newKey = (): { readonly text: string; readonly hash: string } => {
  const text = `twr_${randomBytes(keyBytes).toString("base64url")}`;
  return { text, hash: hashOfKey(text) };
};

/** The hash of no key there is. */
const nobodys = Buffer.alloc(keyBytes);

/** Whether a hash is that of this key. How long it takes tells neither where the two differ nor whether there is a key at all. */
export const isKey = (key: ReaderKey | undefined, hash: string): boolean => {
  const given = Buffer.from(hash, "hex");
  const kept = key === undefined ? nobodys : Buffer.from(key.hash, "hex");
  return given.length === kept.length && timingSafeEqual(given, kept) && key !== undefined;
};
