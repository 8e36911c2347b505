import { Fault } from "@tagwire/messages";
import type { Edge } from "../edge/edge.ts";

/**
 * The site that is meant: the one that is named, or the only one there is.
 *
 * @throws Fault `site_required`, `site_unknown`
 */
export const siteMeant = async ({ sites }: Edge, named: string | undefined): Promise<string> => {
  if (named !== undefined) {
    await sites.check(named);
    return named;
  }
  const [only, ...more] = await sites.list();
  if (only === undefined || more.length > 0) throw new Fault("site_required", "");
  return only.id;
};
