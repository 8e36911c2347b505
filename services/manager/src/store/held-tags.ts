import type { HeldTag } from "@tagwire/messages";
import type { Reader } from "./rows.ts";

/** A page of the tags that scans wait for, by tag. */
export const listHeldTags = async (
  sql: Reader,
  {
    site,
    tag,
    until,
    after,
    limit,
  }: {
    readonly site: string;
    readonly tag: string | undefined;
    readonly until: string | undefined;
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<HeldTag[]> => {
  const rows = await sql<{ tag: string; scans: number; since: Date }[]>`
    select tag, scans, since from quarantine where site = ${site}
    ${tag === undefined ? sql`` : sql`and tag = ${tag}`}
    ${until === undefined ? sql`` : sql`and since <= ${until}::text::timestamptz`}
    ${after === undefined ? sql`` : sql`and tag > ${after}`}
    order by tag limit ${limit}`;
  return rows.map(({ since, ...row }) => ({ ...row, since: since.toISOString() }));
};
