export * from "./drain.ts";
export * from "./log.ts";
export * from "./probes.ts";
export * from "./run-once.ts";
export * from "./run-service.ts";
export * from "./settings.ts";
export * from "./telemetry.ts";
