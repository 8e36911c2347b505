import { CreateSite, Fault, Site } from "@tagwire/messages";
import { sendCommand } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { malformedAt } from "../edge/problem.ts";
import { listOf, problems, SiteParams } from "./schema.ts";

const tags = ["Sites"];

export const sites = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    "/sites",
    {
      schema: {
        operationId: "createSite",
        tags,
        summary: "Open a site; its id makes a repeat safe",
        body: CreateSite,
        response: { 200: Site, 201: Site, ...problems(409) },
      },
    },
    async (request, reply) => {
      checkTimeZone(request.body.timeZone);
      const { site, created } = await sendCommand<"site.create">(bus, request.body.id, {
        kind: "site.create",
        ...envelopeOf(request),
        body: request.body,
      });
      return reply
        .status(created ? 201 : 200)
        .header("location", `/api/v1/sites/${site.id}`)
        .send(site);
    },
  );

  app.get(
    "/sites",
    {
      schema: {
        operationId: "listSites",
        tags,
        summary: "All sites",
        response: { 200: listOf(Site), ...problems() },
      },
    },
    async () => ({ data: await sites.list(), nextCursor: null }),
  );

  app.get(
    "/sites/:site",
    {
      schema: {
        operationId: "getSite",
        tags,
        summary: "One site",
        params: SiteParams,
        response: { 200: Site, ...problems(404) },
      },
    },
    async ({ params }) => {
      const site = (await sites.list()).find(({ id }) => id === params.site);
      if (site === undefined) throw new Fault("site_unknown", params.site);
      return site;
    },
  );
};

const checkTimeZone = (timeZone: string): void => {
  try {
    // An offset is a zone to the runtime, but not one that knows of summer.
    if (/^[+-]/.test(timeZone)) throw new RangeError(timeZone);
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw malformedAt("/timeZone", "must be an IANA zone");
  }
};
