import type { Transaction } from "@tagwire/actor";
import type { Digest } from "@tagwire/digest";
import { recordset } from "./rows.ts";

/** Adds what applied events come to. Not safe to repeat: it is in the transaction that passes the events. */
export const saveEventDigests = async (
  transaction: Transaction,
  changed: ReadonlyMap<string, ReadonlyMap<number, Digest>>,
): Promise<void> => {
  // Sums of lanes go beyond what a number of JavaScript holds, so they travel as text.
  const rows = [...changed].flatMap(([site, buckets]) =>
    [...buckets].map(([bucket, { count, lanes }]) => {
      const [a, b, c, d] = lanes.map(String);
      return { site, bucket, rows: count, a, b, c, d };
    }),
  );
  await transaction`
    insert into digest_delta (site, entity, bucket, rows, a, b, c, d)
    select site, 'event', bucket, rows, a, b, c, d
    from json_to_recordset(${recordset(rows)}::text::json)
      as given (site text, bucket int, rows int, a bigint, b bigint, c bigint, d bigint)`;
};
