import type { Logger } from "@tagwire/service";
import { isSchemaMissing, migrate, type Sql } from "@tagwire/store";
import { migrations, schema } from "../store/migrations.ts";

const lookIntervalMs = 1_000;

/**
 * Makes the schema again when somebody dropped it while nothing was being written. The lease is gone with it, so whoever
 * claims the new one starts from nothing and reads the log.
 */
export const watchSchema = (options: {
  readonly sql: Sql;
  readonly databaseUrl: string;
  readonly log: Logger;
}): { readonly stop: () => Promise<void> } => {
  const { sql, databaseUrl, log } = options;
  let looking: Promise<void> = Promise.resolve();
  let busy = false;

  const look = async () => {
    try {
      await sql`select from site_position limit 0`;
    } catch (error) {
      if (!isSchemaMissing(error)) return;
      log.warn({ schema }, "schema is gone, making it again");
      await migrate(databaseUrl, schema, migrations).catch((err: unknown) =>
        log.error({ err }, "schema not made"),
      );
    }
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = look().finally(() => {
      busy = false;
    });
  }, lookIntervalMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
};
