import { ask, type Bus } from "@tagwire/bus";
import { AskSites, Fault, mayPullOnSchedule } from "@tagwire/messages";

const askTimeoutMs = 5_000;

/**
 * Whether a schedule may pull a site now; a person always may. Where nobody says how far the site has come nothing is pulled by itself: a
 * schedule comes again.
 *
 * @throws Fault `rfidpro.polling_off` for a site that has switched; `site_unknown`; as the bus says it, when operations does not answer
 */
export const checkSchedule = async (bus: Bus, site: string): Promise<void> => {
  const { sites } = await ask(bus, AskSites, {}, { timeoutMs: askTimeoutMs });
  const found = sites.find(({ id }) => id === site);
  if (found === undefined) throw new Fault("site_unknown", site);
  if (!mayPullOnSchedule(found.stage)) throw new Fault("rfidpro.polling_off", `${site} is ${found.stage}`);
};
