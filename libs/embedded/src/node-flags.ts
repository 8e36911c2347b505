/**
 * How Node is started for a service. Left alone, V8 lets garbage pile up to twice what a service needs before it cleans; these
 * bounds keep each below 256 MB resident under load, and every queue within a service is far smaller than they are.
 */
export const nodeFlags: readonly string[] = ["--max-semi-space-size=8", "--max-old-space-size=224"];
