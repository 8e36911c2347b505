/** Postgres, nats-server and a browser on this machine, with nothing installed beforehand. */

export { findMirror } from "./apt-package.ts";
export { type BundledBrowser, findChromium } from "./chromium.ts";
export { type CommandResult, runCommand } from "./command.ts";
export { EmbeddedFailure, type EmbeddedFailureCode } from "./failure.ts";
export { findNatsServer, type NatsServerFound, type NatsServerSearch } from "./find-nats-server.ts";
export { findProgram, type ProgramSearch } from "./find-program.ts";
export { freePort } from "./free-port.ts";
export { withParentDeathSignal } from "./guard.ts";
export { type EmbeddedNats, type NatsOptions, startNats } from "./nats.ts";
export type { MqttListener } from "./nats-config.ts";
export { isAtLeast, minimumNatsVersion, parseVersion, whyMinimumNatsVersion } from "./nats-version.ts";
export { compiledCodeFolder, nodeFlagsOf } from "./node-flags.ts";
export { type EmbeddedPostgres, type PostgresOptions, startPostgres } from "./postgres.ts";
export { identityOf, isSameProcess, type ProcessIdentity } from "./process-identity.ts";
export { type Child, type ChildOptions, type Embedded, type StopPlan, startChild } from "./running.ts";
