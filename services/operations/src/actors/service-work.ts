import type { Condition, Item, ItemSet, ItemStatus, Scan } from "@tagwire/messages";
import type { Origin } from "./decision.ts";

/** Where an item waits for somebody's work. */
const queues: ReadonlySet<ItemStatus> = new Set(["inspect", "repair", "wash", "wet"]);

/** What was found, without what was looked at and well, or not looked at. */
export const foundIn = (condition: Condition): Condition =>
  Object.fromEntries(
    Object.entries(condition).filter(([, found]) =>
      typeof found === "string" ? found.trim() !== "" : found === true,
    ),
  );

/**
 * The work by which a service scan makes an item ready: it ends the wait in a queue, or says of itself that somebody did something.
 * Whoever scans is taken for who did it, unless the scan says. From one queue to the next nothing is complete yet: there the
 * event keeps what the scan says.
 */
export const workSet = (
  item: Item,
  { scan, origin }: { readonly scan: Scan; readonly origin: Pick<Origin, "by"> },
  { to, at }: { readonly to: ItemStatus; readonly at: string },
): ItemSet => {
  if (scan.type !== "service" || to !== "ready") return {};
  const { technician, done = [] } = scan;
  if (!queues.has(item.status) && technician === undefined && done.length === 0) return {};
  return {
    lastService: {
      from: item.status,
      technician: technician?.trim() ?? origin.by.person ?? null,
      done: done.map((one) => one.trim()),
      cleared: foundIn(item.condition ?? {}),
      at,
      scanId: scan.id,
    },
  };
};
