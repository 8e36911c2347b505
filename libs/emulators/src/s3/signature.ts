import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Who may ask. */
export type S3Account = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
};

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** What has to be signed whenever it is said: the time, the content, and everything of S3's own. */
const mustBeSigned = (name: string): boolean => name === "host" || name.startsWith("x-amz-");

/**
 * Whether a request carries a signature of the account: AWS Signature Version 4, reckoned here from what came over the wire. The
 * content must be what its SHA-256 says.
 */
export const isSignedBy = (request: IncomingMessage, body: Buffer, account: S3Account): boolean => {
  const { headers, method = "", url = "/" } = request;
  const [, id, day = "", region = "", signed = "", signature] = form.exec(headers.authorization ?? "") ?? [];
  if (id !== account.accessKeyId || region !== account.region) return false;
  const names = signed.split(";");
  if (Object.keys(headers).some((name) => mustBeSigned(name) && !names.includes(name))) return false;
  const content = String(headers["x-amz-content-sha256"] ?? "");
  if (content !== "UNSIGNED-PAYLOAD" && content !== sha256(body)) return false;
  const { pathname, searchParams } = new URL(url, "http://127.0.0.1");
  const query = [...searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted()
    .join("&");
  const canonical = [
    ...[method, pathname, query],
    ...names.map(
      (name) =>
        `${name}:${String(headers[name] ?? "")
          .trim()
          .replace(/\s+/g, " ")}`,
    ),
    ...["", signed, content],
  ].join("\n");
  const at = String(headers["x-amz-date"] ?? "");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", at, scope, sha256(canonical)].join("\n");
  const key = [region, "s3", "aws4_request"].reduce(hmac, hmac(`AWS4${account.secretAccessKey}`, day));
  return at.startsWith(day) && hmac(key, text).toString("hex") === signature;
};
