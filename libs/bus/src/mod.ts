export * from "./ask.ts";
export * from "./bus.ts";
export * from "./follow.ts";
export * from "./hear.ts";
export * from "./park.ts";
export * from "./publish.ts";
export * from "./stream.ts";
export * from "./trace.ts";
