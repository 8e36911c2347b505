import { existsSync } from "node:fs";
import { sep } from "node:path";
import fastifyStatic from "@fastify/static";
import type { Logger } from "@tagwire/service";
import type { RouteTable } from "../edge/allowed-methods.ts";
import { sendNotFound } from "../edge/answers.ts";
import type { Gateway } from "../edge/gateway.ts";

const aYearSeconds = 31_536_000;
/** Addresses of ours that are never a screen. */
const notScreens = /^\/(api|docs|problems|openapi\.json|asyncapi\.json|healthz|readyz|metrics|assets)(\/|$)/;

/**
 * The screens: files of the folder, and `index.html` wherever a browser asks for a page. Files under `assets/` carry a hash of
 * their content in their name, so they may be kept for ever; everything else is asked for again.
 */
export const screens = async (
  app: Gateway,
  { dir, log, routes }: { dir: string | undefined; log: Logger; routes: RouteTable },
): Promise<void> => {
  if (dir === undefined || !existsSync(dir)) {
    if (dir !== undefined) log.warn({ dir }, "there are no screens here");
    app.get("/", { config: { open: true }, schema: { hide: true } }, (_request, reply) =>
      reply.redirect("/docs"),
    );
    app.setNotFoundHandler((request, reply) => sendNotFound(request, reply, routes));
    return;
  }
  await app.register(fastifyStatic, {
    root: dir,
    wildcard: true,
    dotfiles: "ignore",
    cacheControl: false,
    schemaHide: true,
    setHeaders: (reply, path) => {
      const isHashed = path.includes(`${sep}assets${sep}`);
      reply.header("cache-control", isHashed ? `public, max-age=${aYearSeconds}, immutable` : "no-cache");
    },
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    const isPage = request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
    if (isPage && !notScreens.test(path)) return reply.sendFile("index.html");
    return sendNotFound(request, reply, routes);
  });
};
