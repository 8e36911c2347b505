import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { holds, lockModes, mayBecome, readRetention, type S3Lock } from "./s3/object-lock.ts";
import { isSignedBy, type S3Account } from "./s3/signature.ts";

export type S3Version = S3Lock & {
  /** By this id whoever wants to take exactly this version away names it. */
  readonly id: string;
  readonly body: Buffer;
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

type Said = { readonly status: number; readonly body?: string | Buffer; readonly version?: string };
const saying = (status: number, code: string): Said => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`,
});

/** How many keys a listing gives at once, few, so that whoever lists has to ask again. */
const keysPerPage = 5;

/**
 * A bucket that speaks as much of S3 as an archive needs: signed requests, versions, conditional writes, and locks of objects. Deleting an
 * object is a mark, and what is written over stays beneath. A version that is named is taken away for good, and its retention made another,
 * unless its lock holds by this clock.
 */
export const startS3Bucket = async (bucket = "archive", now: () => number = Date.now): Promise<S3Bucket> => {
  const account = { accessKeyId: "keeper", secretAccessKey: "keeper-secret", region: "us-east-1" };
  const objects = new Map<string, (S3Version | undefined)[]>();
  const newest = (key: string) => objects.get(key)?.at(-1);
  let losesNextAnswer = false;
  let written = 0;

  const add = (key: string, body: Buffer, lock: S3Lock): string => {
    written += 1;
    const id = `v${written}`;
    objects.set(key, [...(objects.get(key) ?? []), { ...{ id, body }, ...lock }]);
    return id;
  };
  const list = (parameters: URLSearchParams): Said => {
    const after = parameters.get("continuation-token") ?? "";
    const prefix = parameters.get("prefix") ?? "";
    const keys = [...objects.keys()]
      .filter((key) => newest(key) !== undefined && key > after && key.startsWith(prefix))
      .toSorted();
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
    if (lock !== undefined && !(lockModes.includes(lock) && Date.parse(lockedUntil ?? "") > now()))
      return saying(400, "InvalidRetentionPeriod");
    return { status: 200, version: add(key, body, { lock, lockedUntil }) };
  };
  const retain = (key: string, id: string | null, { headers }: IncomingMessage, body: Buffer): Said => {
    const all = objects.get(key) ?? [];
    const at = id === null ? all.length - 1 : all.findIndex((one) => one?.id === id);
    const version = all[at];
    if (version === undefined) return saying(404, "NoSuchVersion");
    const wanted = readRetention(body.toString(), now());
    if (wanted === undefined) return saying(400, "MalformedXML");
    if (!mayBecome(version, wanted, headers, now())) return saying(403, "AccessDenied");
    objects.set(key, all.with(at, { ...version, ...wanted }));
    return { status: 200 };
  };
  const takeAway = (key: string, id: string | null, { headers }: IncomingMessage): Said => {
    const all = objects.get(key) ?? [];
    if (id === null) {
      if (newest(key) !== undefined) objects.set(key, [...all, undefined]);
      return { status: 204 };
    }
    const version = all.find((one) => one?.id === id);
    if (version !== undefined && holds(version, headers, now())) return saying(403, "AccessDenied");
    objects.set(
      key,
      all.filter((one) => one === undefined || one.id !== id),
    );
    return { status: 204 };
  };
  const answer = (request: IncomingMessage, body: Buffer): Said => {
    if (!isSignedBy(request, body, account)) return saying(403, "SignatureDoesNotMatch");
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const [, named = "", ...rest] = pathname.split("/").map(decodeURIComponent);
    if (named !== bucket) return saying(404, "NoSuchBucket");
    const key = rest.join("/");
    if (key === "") return list(searchParams);
    const id = searchParams.get("versionId");
    if (request.method === "PUT" && searchParams.has("retention")) return retain(key, id, request, body);
    if (request.method === "PUT") {
      const said = put(key, request, body);
      const isLost = losesNextAnswer;
      losesNextAnswer = false;
      return isLost ? saying(503, "SlowDown") : said;
    }
    if (request.method === "DELETE") return takeAway(key, id, request);
    const there = newest(key);
    return there === undefined ? saying(404, "NoSuchKey") : { status: 200, body: there.body };
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const said = answer(request, await bodyOf(request));
    response.writeHead(said.status, said.version === undefined ? {} : { "x-amz-version-id": said.version });
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
    overwrite: (key, body) => void add(key, body, { lock: undefined, lockedUntil: undefined }),
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
