import { AskDashboard, Dashboard, Fault } from "@tagwire/messages";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { problems, SiteParams } from "./schema.ts";

export const dashboard = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/dashboard",
    {
      schema: {
        operationId: "getDashboard",
        tags: ["Dashboard"],
        summary: "The site's figures as of one position",
        params: SiteParams,
        response: { 200: Dashboard, ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { dashboard } = await inquire(bus, AskDashboard, params);
      if (dashboard === null) throw new Fault("unavailable", "the figures of this site are not there yet");
      return dashboard;
    },
  );
};
