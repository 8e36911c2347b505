import { Fault } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { FastifyReply, FastifyRequest } from "fastify";
import { findKey, touchKey } from "../store/keys.ts";
import { hashOf, isSameHash } from "../store/secret.ts";
import { sessionIdleMs, useSession } from "../store/sessions.ts";
import type { GatewayStore } from "../store/tables.ts";
import type { Principal } from "./principal.ts";

/** How long a checked credential is believed without asking the store, so a revoked one works at most this long elsewhere. */
const believedMs = 3_000;
const believedMax = 2_000;
export const adminKeyName = "admin";

export type Credentials = {
  /** Who this request is from; undefined when it carries nothing. @throws Fault `unauthenticated` when what it carries is not valid. */
  readonly identify: (request: FastifyRequest) => Promise<Principal | undefined>;
  /** The key's owner, without any cache. */
  readonly byKey: (key: string) => Promise<Principal | undefined>;
  /** Forgets what was believed, after a credential has ended. */
  readonly forget: () => void;
};

type Believed = { readonly principal: Principal; readonly untilMs: number };

export const openCredentials = (
  store: GatewayStore,
  adminKeyHash: Buffer | undefined,
  log: Logger,
  synthetic?: { readonly name: string; readonly keyHash: Buffer },
): Credentials => {
  const believed = new Map<string, Believed>();

  const byKey = async (key: string): Promise<Principal | undefined> => {
    if (adminKeyHash !== undefined && isSameHash(adminKeyHash, Buffer.from(hashOf(key), "hex")))
      return { name: adminKeyName, via: "key", keyId: null };
    if (synthetic !== undefined && isSameHash(synthetic.keyHash, Buffer.from(hashOf(key), "hex")))
      return { name: synthetic.name, via: "key", keyId: null, isSynthetic: true };
    const found = await findKey(store.db, key);
    if (found === undefined) return undefined;
    touchKey(store.db, found.id).catch((err: unknown) => log.warn({ err }, "last use of a key not noted"));
    return { name: found.name, via: "key", keyId: found.id };
  };
  const bySession = async (id: string): Promise<Principal | undefined> => {
    const found = await useSession(store.db, id);
    return found === undefined ? undefined : { name: found.name, via: "session", keyId: found.keyId };
  };
  const believe = async (
    what: string,
    secret: string,
    look: (secret: string) => Promise<Principal | undefined>,
  ) => {
    const name = `${what}:${hashOf(secret)}`;
    const known = believed.get(name);
    if (known !== undefined && known.untilMs > performance.now()) return known.principal;
    believed.delete(name);
    const principal = await look(secret);
    if (principal === undefined) return undefined;
    if (believed.size >= believedMax) believed.clear();
    believed.set(name, { principal, untilMs: performance.now() + believedMs });
    return principal;
  };

  return {
    byKey,
    forget: () => believed.clear(),
    identify: async (request) => {
      const bearer = bearerOf(request);
      const session = sessionOf(request);
      if (bearer === undefined && session === undefined) return undefined;
      const principal =
        bearer === undefined
          ? await believe("session", session ?? "", bySession)
          : await believe("key", bearer, byKey);
      if (principal === undefined) throw new Fault("unauthenticated", "the credential is not valid");
      return principal;
    },
  };
};

const bearerOf = (request: FastifyRequest): string | undefined => {
  const header = request.headers.authorization;
  return header === undefined ? undefined : (/^Bearer +(.+)$/i.exec(header)?.[1] ?? "");
};

const isHttps = (request: FastifyRequest): boolean => request.protocol === "https";
const cookieName = (request: FastifyRequest): string =>
  isHttps(request) ? "__Host-tagwire_session" : "tagwire_session";

/** The session id that the browser sent, if any. */
export const sessionOf = (request: FastifyRequest): string | undefined =>
  request.cookies[cookieName(request)];

const cookieOptions = (request: FastifyRequest) =>
  ({ httpOnly: true, sameSite: "lax", path: "/", secure: isHttps(request) }) as const;

export const setSessionCookie = (request: FastifyRequest, reply: FastifyReply, id: string): void => {
  reply.setCookie(cookieName(request), id, { ...cookieOptions(request), maxAge: sessionIdleMs / 1_000 });
};

export const clearSessionCookie = (request: FastifyRequest, reply: FastifyReply): void => {
  reply.clearCookie(cookieName(request), cookieOptions(request));
};
