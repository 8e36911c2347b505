import { Fault } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import { confine } from "../synthetic/confine.ts";
import type { Credentials } from "./credentials.ts";
import type { Gateway } from "./gateway.ts";
import { checkOrigin } from "./origin.ts";
import type { Principal } from "./principal.ts";

declare module "fastify" {
  interface FastifyRequest {
    principal: Principal | undefined;
  }
  interface FastifyContextConfig {
    /** Needs no credential. */
    open?: boolean;
  }
}

/** A page of another origin cannot add this header without asking first, and we never agree. */
export const csrfHeader = "x-tagwire-csrf";
const safeMethods: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** Lets only those in who say who they are. @throws Fault `unauthenticated` or `forbidden` */
export const admit = async (request: FastifyRequest, credentials: Credentials): Promise<void> => {
  const isOpen = request.routeOptions.config.open === true;
  const isWrite = !safeMethods.includes(request.method);
  if (isOpen) {
    if (isWrite) checkOrigin(request);
    return;
  }
  request.principal = await credentials.identify(request);
  if (request.principal === undefined) throw new Fault("unauthenticated", "");
  confine(request, request.principal);
  if (request.principal.via !== "session" || !isWrite) return;
  checkOrigin(request);
  if (request.headers[csrfHeader] !== "1") throw new Fault("forbidden", `a browser sends ${csrfHeader}: 1`);
};

export const guard = (app: Gateway, credentials: Credentials): void => {
  app.addHook("onRequest", (request) => admit(request, credentials));
};

/** Who asks, behind the gate. */
export const principalOf = (request: FastifyRequest): Principal => {
  if (request.principal === undefined) throw new Fault("unauthenticated", "");
  return request.principal;
};

/** What tells one who asks from another: the key that they have, or a person's name. */
export const callerOf = (request: FastifyRequest): string => {
  const { via, name, keyId } = principalOf(request);
  return `${via} ${keyId ?? name}`;
};
