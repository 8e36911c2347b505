import {
  AskDeleteStation,
  AskPutStation,
  AskStations,
  Fault,
  PutStation,
  SiteId,
  Station,
  StationId,
} from "@tagwire/messages";
import Type from "typebox";
import { askerOf, type Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { listOf, problems, SiteParams } from "./schema.ts";

const tags = ["Readers"];
const StationParams = Type.Object({ site: SiteId, id: StationId });

/** Stations: what readers and antennas are bound to, each a place and what it is for. */
export const stations = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/stations",
    {
      schema: {
        operationId: "listStations",
        tags,
        summary: "Stations of a site: places where readers hear, and what for",
        params: SiteParams,
        response: { 200: listOf(Station), ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { stations } = await inquire(bus, AskStations, params);
      return { data: stations, nextCursor: null };
    },
  );

  app.put(
    "/sites/:site/stations/:id",
    {
      schema: {
        operationId: "putStation",
        tags,
        summary:
          "Set a station; antennas that are bound to it go on under it at once, without a new connection",
        params: StationParams,
        body: PutStation,
        response: { 200: Station, 201: Station, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      await sites.check(params.site);
      const by = askerOf(request);
      const { station, created } = await instruct(bus, AskPutStation, { ...params, by, station: body });
      return reply.status(created ? 201 : 200).send(station);
    },
  );

  app.delete(
    "/sites/:site/stations/:id",
    {
      schema: {
        operationId: "deleteStation",
        tags,
        summary: "Remove a station; antennas that are bound to it wait for another one of its name",
        params: StationParams,
        response: { 204: Type.Null({ description: "removed" }), ...problems(404) },
      },
    },
    async (request, reply) => {
      const { params } = request;
      await sites.check(params.site);
      const { deleted } = await instruct(bus, AskDeleteStation, { ...params, by: askerOf(request) });
      if (!deleted) throw new Fault("station_unknown", params.id);
      return reply.status(204).send(null);
    },
  );
};
