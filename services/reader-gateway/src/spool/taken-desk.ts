import { type Bus, hear, type Subscription } from "@tagwire/bus";
import { type Outcome, type SiteId, Taken, takenSubject } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { Compile } from "typebox/compile";
import type { Sql } from "../store/database.ts";
import type { LedgerRows } from "../store/ledgers.ts";
import { removeTaken } from "../store/observations.ts";

/** Confirmations that wait for Postgres. Beyond it they are left out: operations confirms again when it is asked again. */
export const confirmationsWaitingMax = 20_000;
/** How many one statement takes. */
const confirmationsPerStatementMax = 5_000;

export type TakenDesk = Subscription;

export type TakenDeskOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly log: Logger;
  readonly isOurs: (site: SiteId) => boolean;
  /** The ids are no longer in Postgres; `ledgers` are those that the statement moved. */
  readonly removed: (site: SiteId, ids: readonly string[], ledgers: LedgerRows) => Promise<void>;
  /** A statement failed and may have been committed all the same: what memory counts has to be read again. */
  readonly uncertain: (site: SiteId) => void;
};

type Confirmation = { readonly id: string; readonly outcome: Outcome };

/** Identities that were never ours must not fail the statement that takes out those that were. */
const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const siteOf = (subject: string): SiteId => subject.split(".")[1] ?? "";

/**
 * Hears what operations has taken and lets it go: the rows and the ledger in one statement, one statement at a time.
 * A confirmation may be lost here at any moment, since operations says it again whenever it hears the observation again.
 */
export const openTakenDesk = (options: TakenDeskOptions): TakenDesk => {
  const { bus, sql, log } = options;
  const isTaken = Compile(Taken);
  const waiting = new Map<SiteId, Confirmation[]>();
  let size = 0;
  let running: Promise<void> | undefined;

  const settle = async (site: SiteId, confirmations: readonly Confirmation[]) => {
    try {
      const ledgers = await removeTaken(sql, site, confirmations);
      const ids = confirmations.map(({ id }) => id);
      await options.removed(site, ids, ledgers);
    } catch (err) {
      log.warn(
        { err, site, observations: confirmations.length },
        "confirmations not stored, will hear again",
      );
      options.uncertain(site);
    }
  };

  const run = async () => {
    for (let [next] = waiting; next !== undefined; [next] = waiting) {
      const [site, all] = next;
      const now = all.slice(0, confirmationsPerStatementMax);
      const rest = all.slice(now.length);
      // Sites take turns: what is left goes to the end of the line.
      waiting.delete(site);
      if (rest.length > 0) waiting.set(site, rest);
      size -= now.length;
      await settle(site, now);
    }
    running = undefined;
  };

  const subscription = hear(bus, takenSubject("*", "*"), (message) => {
    const site = siteOf(message.subject);
    if (!options.isOurs(site)) return;
    const body: unknown = message.json();
    if (!isTaken.Check(body))
      return log.warn({ subject: message.subject }, "a confirmation could not be read");
    const taken = body.taken.filter(({ id }) => isId.test(id));
    if (size + taken.length > confirmationsWaitingMax)
      return log.warn({ site }, "too many confirmations wait, will hear again");
    if (taken.length === 0) return;
    waiting.set(site, [...(waiting.get(site) ?? []), ...taken]);
    size += taken.length;
    running ??= run();
  });

  return {
    stop: async () => {
      await subscription.stop();
      await running;
    },
  };
};
