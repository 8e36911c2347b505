import { AskThroughput, ThroughputFilter } from "@tagwire/messages";
import Type from "typebox";
import { openCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { asPage, boardPage, said } from "./board-page.ts";
import { pageDefault, pageQuery, problems, SiteParams } from "./schema.ts";

/** How much each person, device and reader scans. */
export const throughput = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/boards/throughput",
    {
      schema: {
        operationId: "getThroughput",
        tags: ["Boards"],
        summary: "Scans by person, device and reader, by hour or day and by how they ended",
        params: SiteParams,
        querystring: Type.Object({ ...pageQuery, ...ThroughputFilter.properties }),
        response: { 200: boardPage(AskThroughput.answer.properties), ...problems(404) },
      },
    },
    async ({ params, query: { limit = pageDefault, cursor, ...filter } }) => {
      await sites.check(params.site);
      return asPage(
        await inquire(bus, AskThroughput, {
          ...{ ...params, limit, cursor: openCursor(cursor) },
          ...said(filter),
        }),
      );
    },
  );
};
