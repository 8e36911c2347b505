import { digestText, emptyDigest } from "@tagwire/digest";
import type { Sql } from "@tagwire/store";
import { addItem } from "../actors/item-digest.ts";
import { readItems } from "../store/items.ts";
import { findPosition } from "../store/sites.ts";
import { readAtOnce } from "./read-at-once.ts";

/** The digest over a site's items as the store holds them, and the position it is of. An unknown site has none, at 0:0. */
export const answerItemDigest = async (
  sql: Sql,
  site: string,
): Promise<{ epoch: number; pos: number; digest: string }> =>
  readAtOnce(sql, async (transaction) => {
    const position = (await findPosition(transaction, site)) ?? { epoch: 0, pos: 0 };
    let digest = emptyDigest;
    for await (const item of readItems(transaction, site)) digest = addItem(digest, item);
    return { ...position, digest: digestText(digest) };
  });
