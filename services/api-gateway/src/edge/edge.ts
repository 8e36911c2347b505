import type { Bus } from "@tagwire/bus";
import { type By, type Command, newId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { FastifyRequest } from "fastify";
import type { Config } from "../config.ts";
import type { Admission } from "../live/admission.ts";
import type { Hub } from "../live/hub.ts";
import type { GatewayStore } from "../store/tables.ts";
import type { TransferLimits } from "../transfer/limits.ts";
import type { Credentials } from "./credentials.ts";
import { principalOf } from "./gate.ts";
import type { KnownSites } from "./known-sites.ts";
import { byOf } from "./principal.ts";

/** What the routes need. */
export type Edge = {
  readonly bus: Bus;
  readonly store: GatewayStore;
  readonly log: Logger;
  readonly config: Config;
  readonly credentials: Credentials;
  readonly sites: KnownSites;
  readonly hub: Hub;
  readonly admission: Admission;
  /** All metrics of this process in Prometheus text form. */
  readonly metricsText: () => Promise<string>;
  /** Given when this process was told to end: whatever would stay open by itself ends then. */
  readonly closing: AbortSignal;
  readonly transfers: TransferLimits;
};

type Envelope = Pick<Command, "id" | "by" | "receivedAt" | "traceparent">;

/** Who caused a request. */
export const askerOf = (request: FastifyRequest): By => byOf(principalOf(request));

/** What every command carries: its identity, who caused it, when it reached us and its trace. */
export const envelopeOf = (request: FastifyRequest): Envelope => ({
  id: idempotencyKeyOf(request) ?? newId(),
  by: askerOf(request),
  receivedAt: new Date().toISOString(),
  traceparent: request.traceparent,
});

const idempotencyKeyOf = (request: FastifyRequest): string | undefined => {
  const key = request.headers["idempotency-key"];
  return typeof key === "string" ? key : undefined;
};
