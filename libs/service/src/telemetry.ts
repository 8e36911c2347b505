import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Environment } from "./settings.ts";

export type Telemetry = {
  /** All metrics of this process in Prometheus text form. */
  readonly metricsText: () => Promise<string>;
  readonly close: () => Promise<void>;
};

const spanExportDelayMs = 500;
const spanQueueMax = 8_192;

/**
 * Sets up traces and metrics of this process. Without `OTEL_EXPORTER_OTLP_ENDPOINT` nothing is recorded or sent, but trace
 * ids are still made and carried, so that timelines and logs can name them. `OTEL_TRACES_SAMPLER_ARG` is the sampled share.
 */
export const startTelemetry = (service: string, env: Environment): Telemetry => {
  const resource = resourceFromAttributes({ "service.name": service, "service.version": "0.1.0" });
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const share = Number(env.OTEL_TRACES_SAMPLER_ARG ?? "1");
  const tracing = new TracerProvider({
    resource,
    ...(endpoint === undefined || endpoint === ""
      ? { sampler: new AlwaysOffSampler() }
      : {
          sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
          spanProcessors: [
            new BatchSpanProcessor({
              exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` }),
              scheduledDelayMillis: spanExportDelayMs,
              maxQueueSize: spanQueueMax,
            }),
          ],
        }),
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracing);

  const reader = new PrometheusExporter({ preventServerStart: true });
  const metering = new MeterProvider({ resource, readers: [reader] });
  metrics.setGlobalMeterProvider(metering);
  const serializer = new PrometheusSerializer("", false, undefined, true, true);

  return {
    metricsText: async () => {
      const { resourceMetrics } = await reader.collect();
      return serializer.serialize(resourceMetrics);
    },
    close: async () => {
      await Promise.allSettled([tracing.shutdown(), metering.shutdown()]);
      trace.disable();
      metrics.disable();
      context.disable();
      propagation.disable();
    },
  };
};

/** The one meter of this process. Instruments must be made after {@link startTelemetry}. */
export const meter = () => metrics.getMeter("tagwire");
