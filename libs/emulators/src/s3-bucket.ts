import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isSignedBy, type S3Account } from "./s3/signature.ts";

export type S3Version = {
  readonly body: Buffer;
  readonly lock: string | undefined;
  readonly lockedUntil: string | undefined;
};

export type S3Bucket = S3Account & {
  readonly endpoint: string;
  readonly bucket: string;
  /** Each version of an object, the newest last; undefined among them is a mark that it was deleted. */
  readonly versions: (key: string) => readonly (S3Version | undefined)[];
  /** Writes a newer version behind everybody's back, as whoever has the keys can. */
  readonly overwrite: (key: string, body: Buffer) => void;
  /** The next object that is written is kept, and the answer to it is an error, as when a gateway on the way gives up. */
  readonly loseNextAnswer: () => void;
  readonly stop: () => Promise<void>;
};

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

type Said = { readonly status: number; readonly body?: string | Buffer };
const saying = (status: number, code: string): Said => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`,
});

/** How many keys a listing gives at once, few, so that whoever lists has to ask again. */
const keysPerPage = 5;

/**
 * A bucket that speaks as much of S3 as an archive needs: signed requests, versions, conditional writes, and locks of objects. An object is
 * never gone: deleting it is a mark, and what is written over stays beneath.
 */
export const startS3Bucket = async (bucket = "archive"): Promise<S3Bucket> => {
  const account = { accessKeyId: "keeper", secretAccessKey: "keeper-secret", region: "us-east-1" };
  const objects = new Map<string, (S3Version | undefined)[]>();
  const newest = (key: string) => objects.get(key)?.at(-1);
  let losesNextAnswer = false;

  const list = (parameters: URLSearchParams): Said => {
    const after = parameters.get("continuation-token") ?? "";
    const keys = [...objects.keys()].filter((key) => newest(key) !== undefined && key > after).toSorted();
    const page = keys.slice(0, keysPerPage);
    const contents = page.map(
      (key) => `<Contents><Key>${escaped(key)}</Key><Size>${newest(key)?.body.length ?? 0}</Size></Contents>`,
    );
    const last = page.at(-1);
    const next =
      keys.length > page.length && last !== undefined
        ? `<NextContinuationToken>${escaped(last)}</NextContinuationToken>`
        : "";
    return { status: 200, body: `<ListBucketResult>${contents.join("")}${next}</ListBucketResult>` };
  };
  const put = (key: string, { headers }: IncomingMessage, body: Buffer): Said => {
    if (headers["if-none-match"] === "*" && newest(key) !== undefined)
      return saying(412, "PreconditionFailed");
    const sum = createHash("sha256").update(body).digest("base64");
    const told = headers["x-amz-checksum-sha256"];
    const lock = headers["x-amz-object-lock-mode"]?.toString();
    // S3 takes a locked object only with a sum of its content.
    if (told === undefined && lock !== undefined) return saying(400, "InvalidRequest");
    if (told !== undefined && told !== sum) return saying(400, "BadDigest");
    const lockedUntil = headers["x-amz-object-lock-retain-until-date"]?.toString();
    if (lock !== undefined && !(Date.parse(lockedUntil ?? "") > Date.now()))
      return saying(400, "InvalidRetentionPeriod");
    objects.set(key, [...(objects.get(key) ?? []), { body, lock, lockedUntil }]);
    return { status: 200 };
  };
  const answer = (request: IncomingMessage, body: Buffer): Said => {
    if (!isSignedBy(request, body, account)) return saying(403, "SignatureDoesNotMatch");
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const [, named = "", ...rest] = pathname.split("/").map(decodeURIComponent);
    if (named !== bucket) return saying(404, "NoSuchBucket");
    const key = rest.join("/");
    if (key === "") return list(searchParams);
    if (request.method === "PUT") {
      const said = put(key, request, body);
      const isLost = losesNextAnswer;
      losesNextAnswer = false;
      return isLost ? saying(503, "SlowDown") : said;
    }
    const there = newest(key);
    if (request.method === "DELETE") {
      if (there !== undefined) objects.get(key)?.push(undefined);
      return { status: 204 };
    }
    return there === undefined ? saying(404, "NoSuchKey") : { status: 200, body: there.body };
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const said = answer(request, await bodyOf(request));
    response.writeHead(said.status);
    response.end(request.method === "HEAD" ? undefined : said.body);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...account,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    versions: (key) => objects.get(key) ?? [],
    overwrite: (key, body) =>
      void objects.set(key, [...(objects.get(key) ?? []), { body, lock: undefined, lockedUntil: undefined }]),
    loseNextAnswer: () => {
      losesNextAnswer = true;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
};
