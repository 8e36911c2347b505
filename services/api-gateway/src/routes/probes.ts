import { ask, type Bus } from "@tagwire/bus";
import { AskSites } from "@tagwire/messages";
import type { Readiness } from "@tagwire/service";
import Type, { type TSchema } from "typebox";
import type { Edge } from "../edge/edge.ts";
import { admit } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import type { GatewayStore } from "../store/tables.ts";
import { problems } from "./schema.ts";

const Health = Type.Object({ status: Type.Literal("ok") });
const ReadyState = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Record(Type.String(), Type.Boolean(), { description: "each condition, and whether it holds" }),
});

/** The text format of Prometheus, 0.0.4. */
const metricsMediaType = "text/plain; version=0.0.4; charset=utf-8";
const operationsTimeoutMs = 2_000;

/** What has to hold before anybody is sent here. */
export const readinessOf = (bus: Bus, store: GatewayStore): Readiness[] => [
  { name: "bus", holds: () => bus.isAnswering() },
  { name: "store", holds: () => store.isAnswering() },
  {
    name: "operations",
    holds: async () => {
      if (!bus.isConnected()) return false;
      await ask(bus, AskSites, {}, { timeoutMs: operationsTimeoutMs });
      return true;
    },
  },
];

/**
 * The same probes as on the service's own port, for whoever sees only the public one. How the process is may be asked by anybody;
 * its metrics, which tell how much goes on here, only with a credential.
 */
export const probes = (
  app: Gateway,
  conditions: readonly Readiness[],
  { closing, credentials, metricsText }: Pick<Edge, "closing" | "credentials" | "metricsText">,
): void => {
  const optionsOf = <T extends Record<number, TSchema>>(
    operationId: string,
    summary: string,
    response: T,
  ) => ({
    config: { open: true },
    schema: { operationId, summary, tags: ["Service"], security: [], response },
  });
  app.get("/healthz", optionsOf("isHealthy", "The process turns", { 200: Health }), async () => ({
    status: "ok" as const,
  }));
  app.get(
    "/readyz",
    optionsOf("isReady", "It can do its work: 200, or 503 and what is missing", {
      200: ReadyState,
      503: ReadyState,
    }),
    async (_request, reply) => {
      const checked = await Promise.all(
        conditions.map(
          async ({ name, holds }) => [name, await (async () => holds())().catch(() => false)] as const,
        ),
      );
      const ready = !closing.aborted && checked.every(([, holds]) => holds);
      return reply.status(ready ? 200 : 503).send({ ready, checks: Object.fromEntries(checked) });
    },
  );
  app.get(
    "/metrics",
    {
      onRequest: (request) => admit(request, credentials),
      schema: {
        operationId: "readMetrics",
        summary: "Metrics of this process, in Prometheus text form",
        tags: ["Service"],
        response: {
          200: {
            description: "one line a series",
            content: { "text/plain": { schema: Type.String() } },
          } as unknown as Type.TString,
          ...problems(),
        },
      },
    },
    async (_request, reply) => {
      const text = await metricsText();
      return reply
        .serializer((body: string) => body)
        .type(metricsMediaType)
        .send(text);
    },
  );
};
