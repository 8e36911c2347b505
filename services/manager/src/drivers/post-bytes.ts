import { lookup } from "node:dns";
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { Fault } from "@tagwire/messages";
import { isPublicAddress } from "./public-address.ts";

/*
 * Posting to an address that somebody outside chose. Without a check they could reach through this process what only it can: itself, its
 * neighbours, the metadata of a cloud (server-side request forgery). So the address that is connected to is checked, not the name, which
 * can mean something else by then.
 */

/** From the first word to the whole answer, in ms. */
const answerTimeoutMs = 10_000;

/** What may be reached. */
export type Reach = { readonly protocols: readonly string[]; readonly allows: (address: string) => boolean };

/** The public internet, by https alone. */
export const publicReach: Reach = { protocols: ["https:"], allows: isPublicAddress };

/**
 * Reads an address that is to be posted to.
 *
 * @throws Fault `push.forbidden_address` for what is no URL, of another protocol, with a user in it, or an address out of reach.
 */
export const readEndpoint = (text: string, { protocols, allows }: Reach): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const literal = url?.hostname.replace(/^\[(.*)\]$/, "$1") ?? "";
  const isFine =
    url !== undefined &&
    protocols.includes(url.protocol) &&
    url.username === "" &&
    url.password === "" &&
    (isIP(literal) === 0 || allows(literal));
  if (!isFine) throw new Fault("push.forbidden_address", "");
  return url;
};

/** Looks a name up and gives its addresses only when all of them may be reached: one that leads to both sides is a trick. */
const lookupWithin =
  ({ allows }: Reach): LookupFunction =>
  (host, options, told) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return told(error, "", 0);
      if (!found.every(({ address }) => allows(address)))
        return told(Object.assign(new Error("out of reach"), { code: "EACCES" }), "", 0);
      if (options.all === true) return told(null, found);
      return told(null, found[0]?.address ?? "", found[0]?.family ?? 0);
    });
  };

export type PostBytes = (
  url: string,
  request: { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array },
) => Promise<number>;

/**
 * Posts bytes and gives the status of the answer, whose body nobody reads. Redirects are not followed.
 *
 * @throws Fault `push.forbidden_address`; `push.unreachable` when no answer came in time.
 */
export const postWithin =
  (reach: Reach): PostBytes =>
  async (text, { headers, body }) => {
    const url = readEndpoint(text, reach);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const request = (url.protocol === "https:" ? requestSecure : requestPlain)(url, {
      ...{ method: "POST", headers, agent: false, lookup: lookupWithin(reach) },
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    request.once("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on("error", reject);
    request.end(body);
    try {
      return await promise;
    } catch (cause) {
      const isOutOfReach = cause instanceof Error && "code" in cause && cause.code === "EACCES";
      throw new Fault(isOutOfReach ? "push.forbidden_address" : "push.unreachable", "", { cause });
    }
  };
