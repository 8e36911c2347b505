import { AskClasses, ClassName, DefineClass, Fault, RentalClass, SiteId } from "@tagwire/messages";
import Type from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import {
  IdempotencyHeaders,
  pageDefault,
  pageQuery,
  positionIn,
  problems,
  recordListOf,
  SiteParams,
} from "./schema.ts";

const tags = ["Classes"];

export const classes = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/classes",
    {
      schema: {
        operationId: "listClasses",
        tags,
        summary: "Rental classes that were described: names, place in the tree, crew",
        params: SiteParams,
        querystring: Type.Object(pageQuery),
        response: { 200: recordListOf(RentalClass), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      const { limit = pageDefault, cursor } = query;
      const answer = await inquire(bus, AskClasses, { site: params.site, limit, cursor: openCursor(cursor) });
      return { data: answer.classes, nextCursor: sealCursor(answer.next), ...positionIn(answer) };
    },
  );

  app.put(
    "/sites/:site/classes/:class",
    {
      schema: {
        operationId: "defineClass",
        tags,
        summary: "Describe a rental class; what is not named stays as it was",
        params: Type.Object({ site: SiteId, class: ClassName }),
        headers: IdempotencyHeaders,
        body: DefineClass,
        response: { 200: RentalClass, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site, class: name } = request.params;
      const { class: defined } = await sendCommand<"class.define">(bus, site, {
        kind: "class.define",
        ...envelopeOf(request),
        body: { class: name, define: request.body },
      });
      if (defined === null) throw new Fault("internal", "a class without a row");
      return defined;
    },
  );
};
