export * from "./migrate.ts";
export * from "./store.ts";
export * from "./store-away.ts";
export * from "./transaction.ts";
