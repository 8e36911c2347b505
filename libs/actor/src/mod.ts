export type { Transaction } from "./apply.ts";
export * from "./leases.ts";
export * from "./projection.ts";
export * from "./relay.ts";
export * from "./supervise.ts";
export * from "./turns.ts";
