import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const secretBytes = 32;

/** 256 random bits as text that is safe in a URL and in a cookie. */
export const newSecret = (): string => randomBytes(secretBytes).toString("base64url");

/**
 * What is stored of a secret. SHA-256 without salt is enough here: the secrets are 256 random bits (or an operator's long
 * key), so there is nothing to guess ahead of time.
 */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** Compares two SHA-256 hashes without telling by its duration where they differ. */
export const isSameHash = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
