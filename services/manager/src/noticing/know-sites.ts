import { ask, type Bus } from "@tagwire/bus";
import { AskSites, Fault, newId } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { type AlertSite, findAlertSite, keepAlertSites } from "../store/alert-sites.ts";

const isZone = (timeZone: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }) !== undefined;
  } catch {
    return false;
  }
};

/** Asks operations for its sites and takes note of them: new ones get the rules that every site begins with. */
export const learnSites = async (bus: Bus, sql: Sql): Promise<void> => {
  const { sites } = await ask(bus, AskSites, {});
  const kept = sites.map(({ id, name, timeZone }) => ({
    site: id,
    name,
    timeZone: isZone(timeZone) ? timeZone : "UTC",
  }));
  await inTransaction(sql, (transaction) => keepAlertSites(transaction, kept, { nowMs: Date.now(), newId }));
};

/**
 * A site, whether or not it was heard of before.
 *
 * @throws Fault `site_unknown`; `unavailable` while nobody says which sites there are.
 */
export const getAlertSite = async (bus: Bus, sql: Sql, site: string): Promise<AlertSite> => {
  const known = await findAlertSite(sql, site);
  if (known !== undefined) return known;
  await learnSites(bus, sql);
  const learned = await findAlertSite(sql, site);
  if (learned === undefined) throw new Fault("site_unknown", site);
  return learned;
};
