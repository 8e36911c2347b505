export * from "./catalogue.ts";
export { findPrometheus } from "./promtool.ts";
export { ruleFiles, textOf } from "./rules.ts";
export { runbookQueries } from "./runbook-text.ts";
export { slos } from "./slos.ts";
