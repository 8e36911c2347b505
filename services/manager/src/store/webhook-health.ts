import type { WebhookHealth } from "../actors/webhook-failing.ts";
import type { Reader } from "./rows.ts";

type Row = Omit<WebhookHealth, "sinceMs" | "succeededAtMs"> & {
  readonly since: Date;
  readonly succeeded_at: Date | null;
};

/** How the endpoints of a site do. */
export const listHealth = async (sql: Reader, site: string): Promise<readonly WebhookHealth[]> => {
  const rows = await sql<Row[]>`
    select id, url, state = 'disabled' as "isDisabled", why, since, canary_failures as "canaryFailures",
      greatest(case when last_ok then last_at end, case when canary_ok then canary_at end) as succeeded_at
    from webhook where site = ${site} order by created_at, id`;
  return rows.map(({ since, succeeded_at, ...row }) => ({
    ...row,
    ...{ sinceMs: since.getTime(), succeededAtMs: succeeded_at?.getTime() ?? null },
  }));
};
