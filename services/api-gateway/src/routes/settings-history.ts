import {
  AskSettingsHistory,
  PlaceName,
  ReaderId,
  SettingsChange,
  SiteId,
  StationId,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { pageDefault, pageQuery, positionIn, problems, recordListOf } from "./schema.ts";

const description =
  "Each change with who made it, what was and what is, the newest first; `was` is null where it was added, `now` where it was removed. Of a login there is the name alone, and `keyMadeAt` says since when a reader has a key of its own. What was changed a moment ago is there once the log has taken it. The same events are in the log, under `reader.configured.v1`, `station.configured.v1` and `zone.configured.v1`.";

const settable = [
  { about: "reader", path: "readers", operationId: "listReaderHistory", id: ReaderId },
  { about: "station", path: "stations", operationId: "listStationHistory", id: StationId },
  { about: "zone", path: "zones", operationId: "listZoneHistory", id: PlaceName },
] as const;

/** `GET /sites/{site}/readers/{id}/history` and the same of stations and zones: who set what, and when. */
export const settingsHistory = (app: Gateway, { bus, sites }: Edge): void => {
  for (const { about, path, operationId, id } of settable)
    app.get(
      `/sites/:site/${path}/:id/history`,
      {
        schema: {
          operationId,
          tags: [about === "zone" ? "Sites" : "Readers"],
          summary: `What was set of a ${about}, by whom and when, also when it is gone`,
          description,
          params: Type.Object({ site: SiteId, id }),
          querystring: Type.Object(pageQuery),
          response: { 200: recordListOf(SettingsChange), ...problems(404) },
        },
      },
      async ({ params, query }) => {
        await sites.check(params.site);
        const { limit = pageDefault } = query;
        const asked = { ...params, about, limit, cursor: openCursor(query.cursor) };
        const { changes, next, ...at } = await inquire(bus, AskSettingsHistory, asked);
        return { data: changes, nextCursor: sealCursor(next), ...positionIn(at) };
      },
    );
};
