import { Fault, readerKeyPattern } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import { hashOf } from "../store/secret.ts";
import type { Credentials } from "./credentials.ts";
import { Refusal } from "./problem.ts";

/** Readers that were given a user name and a password send them only when they are asked for them. */
const challenge = { "www-authenticate": 'Basic realm="reader", Bearer' } as const;

/** A no that says nothing of which readers there are. */
export const unknownReader = (): Refusal =>
  new Refusal({
    code: "unauthenticated",
    detail: "Send the reader's own key, as a bearer token or as the password of any user.",
    headers: challenge,
  });

/** What stands in the header: a bearer token, or the password of a login. */
const secretIn = (header: string): string | undefined => {
  const bearer = /^Bearer +(.+)$/i.exec(header)?.[1];
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  if (bearer !== undefined || basic === undefined) return bearer;
  const pair = Buffer.from(basic, "base64").toString("utf8");
  return pair.includes(":") ? pair.slice(pair.indexOf(":") + 1) : undefined;
};

/**
 * Who pushes: a reader, by the hash of what may be its key, or somebody with an API key, who may do everything: null.
 *
 * @throws Refusal `unauthenticated` for anything that can be neither.
 */
export const readerCredential = async (
  request: FastifyRequest,
  credentials: Credentials,
): Promise<string | null> => {
  const secret = secretIn(request.headers.authorization ?? "");
  if (secret === undefined) throw unknownReader();
  if (readerKeyPattern.test(secret)) return hashOf(secret);
  if ((await credentials.byKey(secret)) === undefined) throw unknownReader();
  return null;
};

/** What the reader's owner answered, in words that tell nothing more. */
export const asRefusal = (error: unknown): unknown =>
  error instanceof Fault && error.code === "unauthenticated" ? unknownReader() : error;
