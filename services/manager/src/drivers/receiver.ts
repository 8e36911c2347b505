import { lookup } from "node:dns/promises";
import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { Fault } from "@tagwire/messages";
import type { AttemptOutcome } from "../actors/attempt.ts";
import { retryAfterMs } from "../actors/retry-schedule.ts";
import { checkAddress, literalOf, type PrivateNetworks, readReceiverUrl } from "./receiver-address.ts";

/** How long a receiver may take to answer, looking it up included, in ms. */
export const answerTimeoutMs = 15_000;
/** What we read of an answer, for the person who looks why it failed. */
const answerBytesMax = 4_096;
const answerReadMsMax = 1_000;
const headerBytesMax = 16_384;
const errorLengthMax = 300;

/** All addresses of a name, as the machine knows them. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const resolveByMachine: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

export type Post = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type ReceiverOptions = {
  readonly networks: PrivateNetworks;
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
  /** Ends the attempt; it then rejects with the signal's reason, since nothing is known of how it went. */
  readonly signal?: AbortSignal;
};

/** Every address must be allowed: a name that leads to both sides is a trick. */
const addressesOf = async (url: URL, { networks, resolve }: ReceiverOptions): Promise<readonly string[]> => {
  const literal = literalOf(url);
  const addresses = literal === undefined ? await (resolve ?? resolveByMachine)(url.hostname) : [literal];
  if (addresses.length === 0) throw new Fault("webhook_url_refused", "the host has no address");
  for (const address of addresses) checkAddress(address, { protocol: url.protocol, networks });
  return addresses;
};

/**
 * Connects to what was checked and to nothing else: the name is not looked up a second time, when it could lead elsewhere
 * (DNS rebinding).
 */
const only = (addresses: readonly string[]): LookupFunction => {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, told) => {
    if (options.all === true) return told(null, found);
    const [first] = found;
    return told(null, first?.address ?? "", first?.family);
  };
};

const readStart = async (response: IncomingMessage): Promise<string> => {
  const late = setTimeout(() => response.destroy(), answerReadMsMax);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes >= answerBytesMax) break;
    }
  } catch {
    // Cut off or too slow: the status has said already how it went.
  } finally {
    clearTimeout(late);
    response.destroy();
  }
  return Buffer.concat(chunks).subarray(0, answerBytesMax).toString();
};

const shown = (text: string): string =>
  text
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, errorLengthMax);

const errorOf = (status: number, body: string): string => {
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`;
  return shown(`answered ${status}${body === "" ? "" : `: ${body}`}`);
};

const send = async (
  url: URL,
  post: Post,
  { addresses, signal }: { addresses: readonly string[]; signal: AbortSignal },
) => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = (url.protocol === "https:" ? requestSecure : requestPlain)(url, {
    method: "POST",
    headers: {
      ...post.headers,
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(post.body)),
      "user-agent": "Tagwire-Webhooks/1",
    },
    agent: false,
    lookup: only(addresses),
    maxHeaderSize: headerBytesMax,
    signal,
  });
  request.once("response", resolve);
  // Listened to for good: a connection can break again after the answer has come.
  request.on("error", reject);
  request.end(post.body);
  return promise;
};

/** What went wrong on the way, in words without anything secret. */
const wayError = (error: unknown, isLate: boolean): string => {
  if (error instanceof Fault) return shown(error.message);
  if (isLate) return "no answer in time";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return shown(`could not be reached${code === "" ? "" : `: ${code}`}`);
};

/**
 * Posts once and tells what came of it. Redirects are not followed, since they would lead where nobody has looked; of the answer
 * only its status counts, and only the beginning is read.
 *
 * @throws whatever the signal was aborted with; every other failure is an outcome.
 */
export const post = async (what: Post, options: ReceiverOptions): Promise<AttemptOutcome> => {
  const startedAtMs = performance.now();
  const took = () => Math.round(performance.now() - startedAtMs);
  const deadline = AbortSignal.timeout(options.timeoutMs ?? answerTimeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  const cut = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // The look-up cannot be aborted, so it is left behind; nobody else may hear of the abort.
  cut.catch(() => {});
  try {
    options.signal?.throwIfAborted();
    const url = readReceiverUrl(what.url, options.networks);
    const addresses = await Promise.race([addressesOf(url, options), cut]);
    const response = await Promise.race([send(url, what, { addresses, signal }), cut]);
    const durationMs = took();
    const status = response.statusCode ?? 0;
    const ok = status >= 200 && status < 300;
    const body = await readStart(response);
    return {
      ok,
      status,
      error: ok ? null : errorOf(status, body),
      durationMs,
      retryAfterMs: retryAfterMs(response.headers["retry-after"], Date.now()),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    return {
      ok: false,
      status: null,
      error: wayError(error, deadline.aborted),
      durationMs: took(),
      retryAfterMs: null,
    };
  }
};
