import type { Gateway } from "../edge/gateway.ts";
import { asyncApi } from "./asyncapi-document.ts";

/** `/asyncapi.json`: what is said on the bus, over the socket and to webhooks, open to everybody as `/openapi.json` is. */
export const asyncApiDescription = (app: Gateway): void => {
  const text = JSON.stringify(asyncApi());
  app.get("/asyncapi.json", { config: { open: true }, schema: { hide: true } }, async (_request, reply) =>
    reply
      .header("cache-control", "no-cache")
      .type("application/json; charset=utf-8")
      .serializer((body: string) => body)
      .send(text),
  );
};
