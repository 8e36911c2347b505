import type { Transaction } from "@tagwire/actor";
import { Fault, type Position } from "@tagwire/messages";
import { findRebuild } from "../store/rebuilds.ts";
import { findPosition } from "../store/sites.ts";

/**
 * Where a site stands; undefined when nothing of it was ever applied.
 *
 * @throws Fault `unavailable` while its rows are being made again: they are of some day long ago, and nobody may take them for now.
 */
export const findWholePosition = async (
  transaction: Transaction,
  site: string,
): Promise<Position | undefined> => {
  const [position, whole] = await Promise.all([
    findPosition(transaction, site),
    findRebuild(transaction, site),
  ]);
  if (position !== undefined && whole?.epoch === position.epoch && position.pos < whole.pos)
    throw new Fault(
      "unavailable",
      `the figures are being made again: ${position.pos} of ${whole.pos} events are counted`,
    );
  return position;
};
