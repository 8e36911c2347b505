import { type Bus, openBus } from "@tagwire/bus";
import { openStore, type Sql } from "@tagwire/store";
import { pino } from "pino";
import { prepareFloor } from "./rows.ts";
import type { Sizes } from "./sizes.ts";
import type { System } from "./system.ts";

/** What every measurement has at hand. */
export type Setting = {
  readonly system: System;
  readonly sizes: Sizes;
  readonly bus: Bus;
  /** The same driver as the services', with one connection: what is written alone is written in a row. */
  readonly sql: Sql;
};

export const openSetting = async (
  system: System,
  sizes: Sizes,
): Promise<Setting & { readonly close: () => Promise<void> }> => {
  const log = pino({ level: "silent" });
  const bus = await openBus({ url: system.natsUrl, name: "bench", log });
  const { sql, close } = await openStore({
    url: system.databaseUrl,
    schema: "bench",
    name: "bench",
    log,
    connectionsMax: 1,
    transactionTimeoutMs: 60_000,
  });
  await prepareFloor(sql);
  return {
    system,
    sizes,
    bus,
    sql,
    close: async () => {
      await bus.close();
      await close();
    },
  };
};

/** One call of the public API as an administrator; `path` begins after `/api/v1`. Throws unless the answer is a success. */
export const call = async (
  { http, key }: System,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> => {
  const response = await fetch(`${http}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
};

const catchUpTimeoutMs = 120_000;
const catchUpPollMs = 25;

/** Waits until the manager has applied everything that operations has committed, so that the next one measures alone. */
export const untilQuiet = async ({ sql }: Setting, withinMs = catchUpTimeoutMs): Promise<void> => {
  const giveUpAtMs = performance.now() + withinMs;
  while (performance.now() < giveUpAtMs) {
    const [row] = await sql<{ behind: number }[]>`
      select coalesce(sum(site.pos - coalesce(at.pos, 0)), 0)::int as behind
      from operations.site left join manager.site_position at using (site)`;
    if (row?.behind === 0) return;
    await new Promise((resolve) => setTimeout(resolve, catchUpPollMs));
  }
  throw new Error(`the manager did not catch up within ${withinMs} ms`);
};
