import { createECDH, createPublicKey, randomBytes, verify } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { decrypt } from "http_ece";
import type { Reach } from "./drivers/post-bytes.ts";

export type ReceivedPush = {
  readonly headers: IncomingHttpHeaders;
  readonly payload: Record<string, unknown>;
};

/** What tests may reach: this machine. */
export const localReach: Reach = { protocols: ["http:"], allows: (address) => address === "127.0.0.1" };

/** Whether the signature of a push is by the key that it names, and for this service (RFC 8292). */
export const isSignedBy = (headers: IncomingHttpHeaders, publicKey: string, origin: string): boolean => {
  const [, token = "", key = ""] = /^vapid t=([^,]+), ?k=(.+)$/.exec(headers.authorization ?? "") ?? [];
  const [header = "", claims = "", signature = ""] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33), y: point.subarray(33) };
  const verifying = createPublicKey({
    key: { ...jwk, x: jwk.x.toString("base64url"), y: jwk.y.toString("base64url") },
    format: "jwk",
  });
  const { aud } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { aud: string };
  return (
    key === publicKey &&
    aud === origin &&
    verify(
      "sha256",
      Buffer.from(`${header}.${claims}`),
      { key: verifying, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    )
  );
};

/** A push service for one browser, with the browser's keys: it opens what it gets as the browser would. */
export const testPushService = async () => {
  const received: ReceivedPush[] = [];
  const answers: number[] = [];
  const browser = createECDH("prime256v1");
  const p256dh = browser.generateKeys().toString("base64url");
  const auth = randomBytes(16).toString("base64url");
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const status = answers.shift() ?? 201;
      if (status < 300) {
        const opened = decrypt(Buffer.concat(chunks), {
          ...{ version: "aes128gcm", privateKey: browser, authSecret: auth },
        });
        received.push({ headers: request.headers, payload: JSON.parse(opened.toString()) });
      }
      response.writeHead(status, status === 301 ? { location: "/elsewhere" } : {}).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    received,
    /** What the next pushes are answered with; 201 when nothing is said. */
    answers,
    origin,
    subscription: { endpoint: `${origin}/push/one`, keys: { p256dh, auth } },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
