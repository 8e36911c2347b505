export type { Transaction } from "./apply.ts";
export * from "./leases.ts";
export * from "./projection.ts";
export type { LogPage } from "./read-ahead.ts";
export { newestIn } from "./refill.ts";
export * from "./relay.ts";
export { createSlots, type Slots } from "./slots.ts";
export * from "./supervise.ts";
export * from "./turns.ts";
