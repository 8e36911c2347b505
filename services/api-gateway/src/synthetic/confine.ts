import { Fault } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import type { KnownSites } from "../edge/known-sites.ts";
import type { Principal } from "../edge/principal.ts";
import { livePath } from "../live/handshake.ts";
import { isProbeSite } from "./probe-site.ts";

const scansUrl = "/api/v1/sites/:site/scans";

/**
 * The key of test scans is one that this process makes for itself and forgets when it ends. It hands in scans at probe sites and looks at
 * them, and may do nothing else.
 *
 * @throws Fault `forbidden`
 */
export const confine = (request: FastifyRequest, principal: Principal): void => {
  if (principal.isSynthetic !== true) return;
  const { method, url } = request.routeOptions;
  const { site = "" } = request.params as { readonly site?: string };
  const isScan = method === "POST" && url === scansUrl && isProbeSite(site);
  // What it follows there is asked of the sites below.
  if (!isScan && url !== livePath) throw new Fault("forbidden", "test scans are made at their own sites");
};

/** The sites that whoever asks can follow: of a test scan its own. */
export const sitesFor = (
  { principal }: Pick<FastifyRequest, "principal">,
  sites: Pick<KnownSites, "check">,
): Pick<KnownSites, "check"> =>
  principal?.isSynthetic === true
    ? {
        check: async (site) => {
          if (!isProbeSite(site)) throw new Fault("site_unknown", site);
          await sites.check(site);
        },
      }
    : sites;
