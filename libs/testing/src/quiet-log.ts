import { type Logger, pino } from "pino";

/** A log for tests: silent unless TAGWIRE_TEST_LOG names a level. */
export const quietLog = (): Logger => pino({ level: process.env.TAGWIRE_TEST_LOG ?? "silent" });
