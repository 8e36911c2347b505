import { ask, type Bus } from "@tagwire/bus";
import { AskEvents, Fault, foldItem, type LoggedEvent, type Position } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { happenedAtMs, type OperationsScan, scanOf } from "../actors/operations-scan.ts";
import {
  beginFollowing,
  findFollowed,
  findKeptItems,
  type KeptItem,
  saveFollowed,
} from "../store/operations-side.ts";

const eventsPerPage = 1_000;
const timeoutMs = 20_000;

/** Items as they are after some events, and the scans that these tell of. */
const foldPage = (kept: ReadonlyMap<string, KeptItem>, events: readonly LoggedEvent[]) => {
  const items = new Map<string, KeptItem>();
  const scans: OperationsScan[] = [];
  for (const event of events) {
    const scan = scanOf(event);
    if (scan !== undefined) scans.push(scan);
    const { tag } = event;
    if (tag === undefined || !event.type.startsWith("item.")) continue;
    const before = items.get(tag) ?? kept.get(tag);
    const item = foldItem(before?.item, event);
    if (item === undefined) continue;
    const touchedAt = new Date(happenedAtMs(event)).toISOString();
    items.set(tag, { item, touchedAt, madeBy: before?.madeBy ?? event.by });
  }
  return { items: [...items.values()], scans };
};

/**
 * Follows operations' log of a site from where it was left up to its head, and gives the position that both sides are compared at.
 * Only a page is held; what was followed once is never asked for again.
 *
 * @throws Fault as operations says it, such as `site_unknown`
 */
export const followOperations = async (
  { bus, sql }: { readonly bus: Bus; readonly sql: Sql },
  site: string,
  signal?: AbortSignal,
): Promise<Position> => {
  let at = (await findFollowed(sql, site)) ?? { epoch: 0, pos: 0 };
  for (let until: number | undefined; ; ) {
    signal?.throwIfAborted();
    const asked = { site, epoch: at.epoch, after: at.pos, limit: eventsPerPage };
    const { epoch, head, events } = await ask(bus, AskEvents, asked, { timeoutMs });
    if (epoch !== at.epoch) {
      await inTransaction(sql, (transaction) => beginFollowing(transaction, site, epoch));
      at = { epoch, pos: 0 };
      until = undefined;
      continue;
    }
    // What is said while this goes on belongs to the next time: a busy site would never be reached.
    until ??= head;
    const last = events.at(-1);
    if (last === undefined) return at;
    const to = { epoch, pos: last.pos };
    const from = at;
    const isKept = await inTransaction(sql, async (transaction) => {
      const tags = [...new Set(events.flatMap(({ tag }) => tag ?? []))];
      const page = foldPage(await findKeptItems(transaction, site, tags), events);
      return saveFollowed(transaction, site, { from, to, ...page });
    });
    if (!isKept) throw new Fault("unavailable", "another process follows the log of this site just now");
    at = to;
    if (at.pos >= until) return at;
  }
};
