export * from "./browser.ts";
export * from "./eventually.ts";
export * from "./plain-environment.ts";
export * from "./quiet-log.ts";
export * from "./shared-data.ts";
export * from "./stack.ts";
export * from "./test-database.ts";
export * from "./test-nats.ts";
