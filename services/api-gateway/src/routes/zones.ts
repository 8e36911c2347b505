import { AskZones, PlaceName, SiteId, Zone, ZoneShape } from "@tagwire/messages";
import Type from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { IdempotencyHeaders, nullable, positionIn, problems, recordListOf, SiteParams } from "./schema.ts";

const tags = ["Sites"];
const ZoneParams = Type.Object({ site: SiteId, id: PlaceName });
const OneZone = Type.Object({ zone: nullable(Zone) });

/** The plan of a site: which of its places lies where. */
export const zones = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/zones",
    {
      schema: {
        operationId: "listZones",
        tags,
        summary: "The floor plan of a site: each place that was drawn, with its outline in metres",
        description:
          "As the log says it, in the order of the places' names. A place that nobody has drawn has no zone; boards/places knows all that things are at.",
        params: SiteParams,
        response: { 200: recordListOf(Zone), ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { zones: data, ...at } = await inquire(bus, AskZones, params);
      return { data, nextCursor: null, ...positionIn(at) };
    },
  );

  app.put(
    "/sites/:site/zones/:id",
    {
      schema: {
        operationId: "putZone",
        tags,
        summary: "Draw a place on the floor plan, or draw it otherwise",
        description:
          "`id` is the place, as items and stations name it. Corners are kept to the centimetre. It is an event of the site's log, `zone.configured.v1`, with what was.",
        params: ZoneParams,
        headers: IdempotencyHeaders,
        body: ZoneShape,
        response: { 200: OneZone, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site, id } = request.params;
      await sites.check(site);
      const body = { place: id, shape: request.body };
      await sendCommand<"zone.set">(bus, site, { kind: "zone.set", ...envelopeOf(request), body });
      const { zones: all } = await inquire(bus, AskZones, { site });
      return { zone: all.find(({ place }) => place === id.trim()) ?? null };
    },
  );

  app.delete(
    "/sites/:site/zones/:id",
    {
      schema: {
        operationId: "deleteZone",
        tags,
        summary: "Take a place off the floor plan; what is there stays there",
        description: "One that is not on it stays off it.",
        params: ZoneParams,
        headers: IdempotencyHeaders,
        response: { 204: Type.Null({ description: "it is off the plan" }), ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { site, id } = request.params;
      await sites.check(site);
      const body = { place: id, shape: null };
      await sendCommand<"zone.set">(bus, site, { kind: "zone.set", ...envelopeOf(request), body });
      return reply.status(204).send(null);
    },
  );
};
