import {
  AskPrefetch,
  AskPrefetchFigures,
  Fault,
  prefetchPageMax,
  prefetchUseHours,
  SiteId,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import { etagOf, IfNoneMatch, isKnownVersion } from "../edge/etag.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import type { Principal } from "../edge/principal.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { asPage, boardPage, said } from "./board-page.ts";
import { problems, SiteParams } from "./schema.ts";

const tags = ["Devices"];
const {
  device: DeviceName,
  items,
  bytes,
  since: _since,
  cursor: _cursor,
  limit: _limit,
} = AskPrefetch.question.properties;

/** What a device calls itself by; its credential tells who that is. */
const self = "me";
const pageDefault = 500;

const Changes = boardPage(AskPrefetch.answer.properties, {
  examples: [
    {
      ...{ known: true, epoch: 1, pos: 48_211, asOf: "2026-06-12T14:03:09.120Z" },
      ...{
        device: "tablet-3",
        arm: "predicted",
        day: "2026-06-12",
        revision: 18,
        since: 17,
        items: 412,
        bytes: 71_930,
      },
      data: [
        {
          ...{ tag: "3034F4A1B2C3D4E5F6A7B8C9", class: "chair-gold", name: "Chair, gold", status: "on_rent" },
          ...{ contract: "301877", place: "dock-1", version: 12, sources: ["due", "recent"] },
        },
        { tag: "425445000000000000001234", gone: true },
      ],
      nextCursor: null,
    },
  ],
});

/** The device that is meant. @throws Fault `malformed` when somebody who is no device asks for their own. */
const deviceOf = (named: string, { name, via }: Principal): string => {
  if (named !== self) return named;
  if (via !== "key") throw new Fault("malformed", `"${self}" is a device, and a person asked`);
  return name;
};

/** What devices are handed ahead of their scans, and what that was worth. */
export const prefetch = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/devices/:device/prefetch",
    {
      schema: {
        operationId: "getPrefetch",
        tags,
        summary: "Items that a device is likely to scan soon, so that it can show a name without the network",
        description: `Everything, or with \`since\` what is different: items to keep, and tags to forget (\`gone\`). A \`since\` of null in the answer says that it is everything, and that what the device holds is to be forgotten. Take all pages with the same \`since\`, then remember \`revision\`; it is the ETag too. The set decides nothing: what the server says of a scan is what counts. One device-day in ten is in the arm \`recents\`, and gets only what the device scanned itself, so that the figures can tell what predicting is worth.`,
        params: Type.Object({ site: SiteId, device: DeviceName }),
        headers: IfNoneMatch,
        querystring: Type.Object({
          since: Type.Optional(
            Type.Integer({ minimum: 0, description: "the revision that the device holds" }),
          ),
          items,
          bytes,
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: prefetchPageMax,
              description: `rows of a page, ${pageDefault} unless told`,
            }),
          ),
          cursor: Type.Optional(
            Type.String({ maxLength: 2_000, description: "the nextCursor of the page before" }),
          ),
        }),
        response: {
          200: Changes,
          304: Type.Null({ description: "the device holds this revision, by If-None-Match" }),
          ...problems(404, 409),
        },
      },
    },
    async (request, reply) => {
      const { params, query, headers } = request;
      const { since = null, limit = pageDefault, cursor, ...bounds } = query;
      await sites.check(params.site);
      const device = deviceOf(params.device, principalOf(request));
      const answer = await instruct(bus, AskPrefetch, {
        ...said(bounds),
        ...{ site: params.site, device, since, limit, cursor: openCursor(cursor) },
      });
      reply.header("etag", etagOf(answer.revision));
      if (cursor === undefined && isKnownVersion(headers["if-none-match"], answer.revision))
        return reply.status(304).send(null);
      return asPage(answer);
    },
  );

  app.get(
    "/sites/:site/prefetch",
    {
      schema: {
        operationId: "getPrefetchFigures",
        tags,
        summary: "What handing devices their items ahead was worth",
        description: `Counted from the log: of the scans of devices that hold a set, how many found the item there (\`hitRatio\`), and of the items handed over, how many the device scanned within ${prefetchUseHours} hours (\`precision\`). \`uplift\` compares the arms.`,
        params: SiteParams,
        querystring: Type.Object({
          days: AskPrefetchFigures.question.properties.days,
        }),
        response: { 200: AskPrefetchFigures.answer, ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      return inquire(bus, AskPrefetchFigures, { ...said(query), ...params });
    },
  );
};
