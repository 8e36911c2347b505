import {
  AskItem,
  AskItems,
  AskTimeline,
  CreateItem,
  Fault,
  normaliseTag,
  PatchItem,
  Receipt,
  SiteId,
  TimelineRow,
} from "@tagwire/messages";
import Type from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import { etagOf, IfMatch, IfNoneMatch, isKnownVersion, versionsWanted } from "../edge/etag.ts";
import type { Gateway } from "../edge/gateway.ts";
import { Refusal } from "../edge/problem.ts";
import { inquire } from "../edge/questions.ts";
import { itemView } from "./item-view.ts";
import { ItemsFilter, itemsWanted } from "./items-filter.ts";
import {
  IdempotencyHeaders,
  ItemView,
  pageDefault,
  pageQuery,
  positionIn,
  problems,
  recordListOf,
  SiteParams,
} from "./schema.ts";

const tags = ["Items"];
const ItemParams = Type.Object({ site: SiteId, tag: Type.String({ maxLength: 1_024 }) });

const ItemsQuery = Type.Object({ ...pageQuery, ...ItemsFilter.properties });

export const items = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    "/sites/:site/items",
    {
      schema: {
        operationId: "createItem",
        tags,
        summary: "Commission an item: put a tag on a thing",
        params: SiteParams,
        headers: IdempotencyHeaders,
        body: CreateItem,
        response: { 201: ItemView, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { site } = request.params;
      const { item, receipt } = await sendCommand<"item.create">(bus, site, {
        kind: "item.create",
        ...envelopeOf(request),
        body: { ...request.body, tag: tagOf(request.body.tag) },
      });
      return reply
        .status(201)
        .header("location", `/api/v1/sites/${site}/items/${encodeURIComponent(item.tag)}`)
        .header("etag", etagOf(receipt.item?.version ?? item.version))
        .send(itemView(item));
    },
  );

  app.get(
    "/sites/:site/items",
    {
      schema: {
        operationId: "listItems",
        tags,
        summary: "Items of a site",
        params: SiteParams,
        querystring: ItemsQuery,
        response: { 200: recordListOf(ItemView), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      const { limit = pageDefault } = query;
      const answer = await inquire(bus, AskItems, {
        site: params.site,
        limit,
        cursor: openCursor(query.cursor),
        ...itemsWanted(query),
      });
      return {
        data: answer.items.map(itemView),
        nextCursor: sealCursor(answer.next),
        ...positionIn(answer),
      };
    },
  );

  app.get(
    "/sites/:site/items/:tag",
    {
      schema: {
        operationId: "getItem",
        tags,
        summary: "One item",
        params: ItemParams,
        headers: IfNoneMatch,
        response: {
          200: ItemView,
          304: Type.Null({ description: "it is at the version that is known already" }),
          ...problems(404),
        },
      },
    },
    async ({ params, headers }, reply) => {
      await sites.check(params.site);
      const tag = tagOf(params.tag);
      const { item } = await inquire(bus, AskItem, { site: params.site, tag });
      if (item === null) throw new Fault("tag_unknown", tag);
      reply.header("etag", etagOf(item.version));
      if (isKnownVersion(headers["if-none-match"], item.version)) return reply.status(304).send(null);
      return reply.send(itemView(item));
    },
  );

  app.patch(
    "/sites/:site/items/:tag",
    {
      schema: {
        operationId: "patchItem",
        tags,
        summary: "Correct an item by hand",
        params: ItemParams,
        headers: Type.Object({ ...IfMatch.properties, ...IdempotencyHeaders.properties }),
        body: PatchItem,
        response: { 200: Receipt, ...problems(404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const { site, tag } = request.params;
      const versions = versionsWanted(request.headers["if-match"]);
      const { receipt } = await sendCommand<"item.patch">(bus, site, {
        kind: "item.patch",
        ...envelopeOf(request),
        body: { tag: tagOf(tag), ...versions, patch: request.body },
      });
      if (receipt.outcome === "rejected") throw refusalOf(receipt);
      // The version that this call made or met. A repeat must not get to know a later one: it would change what it never read.
      if (receipt.item !== undefined) reply.header("etag", etagOf(receipt.item.version));
      return reply.send(receipt);
    },
  );

  app.get(
    "/sites/:site/items/:tag/timeline",
    {
      schema: {
        operationId: "getItemTimeline",
        tags,
        summary: "Everything that happened to an item, newest first",
        params: ItemParams,
        querystring: Type.Object(pageQuery),
        response: { 200: recordListOf(TimelineRow), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      const tag = tagOf(params.tag);
      const { limit = pageDefault } = query;
      const cursor = openCursor(query.cursor);
      const { rows, next, known, ...at } = await inquire(bus, AskTimeline, {
        site: params.site,
        tag,
        limit,
        cursor,
      });
      if (!known && rows.length === 0 && cursor === null) throw new Fault("tag_unknown", tag);
      return { data: rows, nextCursor: sealCursor(next), ...positionIn(at) };
    },
  );
};

/** @throws Fault `tag_malformed` */
const tagOf = (raw: string): string => {
  const tag = normaliseTag(raw);
  if (tag === undefined) throw new Fault("tag_malformed", "");
  return tag;
};

const refusalOf = (receipt: Receipt): Refusal =>
  new Refusal({
    code: "transition_refused",
    detail: receipt.message ?? "The item is in a state that does not allow this.",
    receipt,
  });
