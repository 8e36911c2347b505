declare module "http_ece" {
  import type { ECDH } from "node:crypto";
  /** Opens a body that was sealed as RFC 8188 and RFC 8291 say. */
  export function decrypt(
    body: Buffer,
    keys: { version: "aes128gcm"; privateKey: ECDH; authSecret: string },
  ): Buffer;
}
