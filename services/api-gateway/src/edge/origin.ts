import { Fault } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";

/** Refuses a browser page of another origin. Tools that are no browsers send no Origin. @throws Fault `forbidden` */
export const checkOrigin = (request: FastifyRequest): void => {
  const { origin } = request.headers;
  if (origin === undefined) return;
  const host = URL.canParse(origin) ? new URL(origin).host : undefined;
  if (host === undefined || host !== request.host.toLowerCase().replace(/:(80|443)$/, portOf(request)))
    throw new Fault("forbidden", "the Origin is not this site's");
};

// A URL leaves its scheme's default port out, a Host header may name it.
const portOf = (request: FastifyRequest) => (named: string) =>
  named === (request.protocol === "https" ? ":443" : ":80") ? "" : named;
