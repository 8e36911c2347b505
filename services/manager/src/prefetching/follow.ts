import { ask, type Bus } from "@tagwire/bus";
import { AskEvents, Fault, type LoggedEvent, type Position } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { lookupOf } from "../actors/prefetch-lookup.ts";
import type { NoticesLease } from "../noticing/lead.ts";
import {
  addDeeds,
  addRecents,
  addToDays,
  advance,
  type Followed,
  findHeld,
  listAccounts,
  markUsed,
} from "../store/prefetch-accounts.ts";
import type { PrefetchMeters } from "./meters.ts";
import { tallyLookups } from "./tally.ts";

const pageEventsMax = 1_000;
const askTimeoutMs = 5_000;

export type FollowOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly lease: NoticesLease;
  readonly meters: PrefetchMeters;
};

type Page = { readonly epoch: number; readonly head: number; readonly events: readonly LoggedEvent[] };

const readPage = (bus: Bus, site: string, { epoch, pos }: Position): Promise<Page> =>
  ask(bus, AskEvents, { site, epoch, after: pos, limit: pageEventsMax }, { timeoutMs: askTimeoutMs }).catch(
    (error: unknown) => {
      // A site that has just been made and said nothing yet: nothing to read.
      if (error instanceof Fault && error.code === "site_unknown") return { epoch, head: pos, events: [] };
      throw error;
    },
  );

/**
 * Counts the scans of a page of the log: what each device scanned, what it could show of it, and what was of use. All of it in the
 * transaction that moves the cursor, so that every scan counts once. Says whether there is more to read.
 *
 * A log of another epoch goes on from its head: what it holds of before was counted, and counting it again would be worse.
 *
 * @throws Fault as operations said it, or because it did not answer; `lease.lost`.
 */
export const followPage = async (
  { site, position: from }: Pick<Followed, "site" | "position">,
  { bus, sql, lease, meters }: FollowOptions,
): Promise<boolean> => {
  const readAt = new Date();
  const page = await readPage(bus, site, from);
  const isSameLog = page.epoch === from.epoch && from.pos <= page.head;
  const events = isSameLog ? page.events : [];
  const to = { epoch: page.epoch, pos: isSameLog ? (events.at(-1)?.pos ?? from.pos) : page.head };
  if (to.epoch === from.epoch && to.pos === from.pos) return false;
  const lookups = events.flatMap((event) => lookupOf(event) ?? []);

  const isAllRead = to.pos >= page.head;
  const newest = events.at(-1);
  // Of a log that was read to its end everything is known up to now, else up to what was read.
  const countedAt = isAllRead || newest === undefined ? readAt : new Date(newest.recordedAt);
  const looked = await inTransaction(sql, async (transaction) => {
    await lease.hold(transaction);
    if (!(await advance(transaction, site, { from, to, countedAt }))) return [];
    if (lookups.length === 0) return [];
    const accounts = await listAccounts(transaction, site);
    const tallied = tallyLookups(lookups, accounts, await findHeld(transaction, site, lookups));
    await Promise.all([
      addRecents(transaction, site, lookups),
      addDeeds(transaction, site, lookups),
      markUsed(transaction, site, tallied.used),
      addToDays(transaction, site, tallied.days),
    ]);
    return tallied.looked;
  });
  for (const scan of looked) meters.looked(scan);
  return !isAllRead;
};
