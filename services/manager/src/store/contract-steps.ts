import type { ContractEvent } from "../actors/contract-book.ts";
import type { Reader } from "./rows.ts";

type Row = {
  pos: number;
  type: string;
  contract: string | null;
  tag: string | null;
  received_at: string;
  recorded_at: Date;
  data: Record<string, unknown>;
};

const eventOf = (row: Row): ContractEvent => ({
  type: row.type,
  pos: row.pos,
  receivedAt: row.received_at,
  recordedAt: row.recorded_at.toISOString(),
  data: row.data,
  ...(row.contract === null ? {} : { contract: row.contract }),
  ...(row.tag === null ? {} : { tag: row.tag }),
});

/** The steps of some contracts up to a moment, in their order, as many of them as `limit` says. */
export const readContractSteps = async (
  sql: Reader,
  site: string,
  query: {
    readonly numbers: readonly string[];
    readonly posMax: number;
    readonly atMs: number | undefined;
    readonly limit: number;
  },
): Promise<ContractEvent[]> => {
  const { numbers, posMax, atMs, limit } = query;
  const rows = await sql<Row[]>`
    select pos, type, contract, tag, received_at, recorded_at, data from contract_step
    where site = ${site} and number = any(${[...numbers]}::text[]) and pos <= ${posMax}
    ${atMs === undefined ? sql`` : sql`and recorded_at <= ${new Date(atMs).toISOString()}::text::timestamptz`}
    order by pos, number limit ${limit}`;
  return rows.map(eventOf);
};
