import { hash } from "node:crypto";

const sha256Hex = /^[0-9a-f]{64}$/;

/** What the first link of a chain follows: 32 zero bytes. */
export const chainStart = "0".repeat(64);

/**
 * The next link of a hash chain: SHA-256 over the 32 bytes of the previous hash, then the UTF-8 of `canonical`.
 *
 * `prevHashHex` and the result are 64 lower-case hex digits; the first link follows `chainStart`.
 *
 * @throws TypeError when `prevHashHex` is anything else, because a chain that lost its previous link must not go on
 */
export const chainHash = (prevHashHex: string, canonical: string): string => {
  if (!sha256Hex.test(prevHashHex)) throw new TypeError("the previous hash must be 64 lower-case hex digits");
  return hash(
    "sha256",
    Buffer.concat([Buffer.from(prevHashHex, "hex"), Buffer.from(canonical, "utf8")]),
    "hex",
  );
};
