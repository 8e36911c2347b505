import type { Gateway } from "./gateway.ts";

const hostPattern = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:]+\](:\d{1,5})?$/;

// Not every browser counts a WebSocket of the same host as 'self', so our own address is named.
const contentPolicy = (host: string): string => {
  const sockets = hostPattern.test(host) ? ` ws://${host} wss://${host}` : "";
  return [
    "default-src 'self'",
    `connect-src 'self'${sockets}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
};

// Swagger UI paints its icons from data: URLs and styles elements inline; it loads nothing from elsewhere.
const docsPolicy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** The one script that reads codes in the pictures of a camera: a worker of its own, so that no other may run WebAssembly. */
const codeReader = /^\/assets\/code-reader-[\w-]+\.js$/;
const codeReaderPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

const policyOf = (path: string, host: string): string => {
  if (path.startsWith("/docs")) return docsPolicy;
  return codeReader.test(path) ? codeReaderPolicy : contentPolicy(host);
};

/** What a browser may do with our answers. */
export const secureAnswers = (app: Gateway): void => {
  app.addHook("onSend", async (request, reply) => {
    reply.header("content-security-policy", policyOf(request.url, request.host));
    reply.header("x-content-type-options", "nosniff");
    reply.header("referrer-policy", "no-referrer");
    reply.header("x-frame-options", "DENY");
    reply.header("cross-origin-opener-policy", "same-origin");
    if (request.url.startsWith("/api/") && !reply.hasHeader("cache-control"))
      reply.header("cache-control", "no-store");
  });
};
