import {
  AskClasses,
  AskItem,
  ConfirmedTags,
  ConfirmTags,
  Fault,
  type Item,
  normaliseTag,
  ProvisionTags,
  Receipt,
  type RentalClass,
  RetagItem,
  SiteId,
  storableText,
} from "@tagwire/messages";
import Type from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { type LabelFormat, labelFile, labelFormats } from "../labels/label-file.ts";
import { itemView } from "./item-view.ts";
import { IdempotencyHeaders, ItemView, problems, SiteParams } from "./schema.ts";

const tags = ["Tags"];
/** Tags of one print file: a roll has fewer. */
const labelsMax = 1_000;
/** How many tags are asked about at once. */
const asksAtOnce = 20;

const Retagged = Type.Object({ item: ItemView, receipt: Receipt });
const Confirmed = Type.Object({ ...ConfirmedTags.properties, receipt: Receipt });
const ConfirmBody = Type.Object(
  {
    tags: Type.Optional(ConfirmTags.properties.tags),
    all: ConfirmTags.properties.all,
    misprints: ConfirmTags.properties.misprints,
  },
  { additionalProperties: false, minProperties: 1 },
);
const Provisioned = Type.Object({ tags: Type.Array(Type.String()), receipt: Receipt });

export const commissioning = (app: Gateway, edge: Edge): void => {
  const { bus, sites } = edge;

  app.post(
    "/sites/:site/tags::provision",
    {
      schema: {
        operationId: "provisionTags",
        tags,
        summary:
          "Make tags for things of a class: numbers that were never given before, each an item that is provisioned",
        params: SiteParams,
        headers: IdempotencyHeaders,
        body: ProvisionTags,
        response: { 201: Provisioned, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { tags: made, receipt } = await sendCommand<"tags.provision">(bus, request.params.site, {
        kind: "tags.provision",
        ...envelopeOf(request),
        body: request.body,
      });
      return reply.status(201).send({ tags: [...made], receipt });
    },
  );

  app.post(
    "/sites/:site/items/:tag(^[^:]+)::retag",
    {
      schema: {
        operationId: "retagItem",
        tags,
        summary: "Put another tag on a thing, which goes on as it was; the old tag has ended",
        params: Type.Object({ site: SiteId, tag: Type.String({ maxLength: 1_024 }) }),
        headers: IdempotencyHeaders,
        body: Type.Omit(RetagItem, ["tag"]),
        response: { 200: Retagged, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site, tag } = request.params;
      const { item, receipt } = await sendCommand<"item.retag">(bus, site, {
        kind: "item.retag",
        ...envelopeOf(request),
        body: { tag, ...request.body },
      });
      if (item === null) throw new Fault("tag_unknown", tag);
      return { item: itemView(item), receipt };
    },
  );

  app.post(
    "/sites/:site/tags::confirm",
    {
      schema: {
        operationId: "confirmTags",
        tags,
        summary: "Labels came out of the printer: their tags are ready to rent; misprints are named",
        description:
          "Tags that were made wait as provisioned until their labels are confirmed here, all of them or those that are named. A misprint is retired, or goes on waiting to be printed again. Tags that wait no more stay as they are and are told as unchanged. Of a list with a tag that nobody knows nothing is confirmed. `all` names a class: everything of it that waits, as many as go into one request, and `left` says how many wait besides. A repeat under the same Idempotency-Key gets the same answer.",
        params: SiteParams,
        headers: IdempotencyHeaders,
        body: ConfirmBody,
        response: { 200: Confirmed, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site } = request.params;
      await sites.check(site);
      const { tags: named = [], all, misprints } = request.body;
      const { confirmed, receipt } = await sendCommand<"tags.confirm">(bus, site, {
        kind: "tags.confirm",
        ...envelopeOf(request),
        body: {
          tags: [...new Set(named)],
          ...(all === undefined ? {} : { all }),
          ...(misprints === undefined ? {} : { misprints: [...misprints] }),
        },
      });
      return { ...confirmed, receipt };
    },
  );

  app.post(
    "/sites/:site/tags::print",
    {
      schema: {
        operationId: "printTags",
        tags,
        summary: "A file for a label printer: CSV for its software, or ZPL that writes the tag as it prints",
        description:
          "A tag that has ended gets no label, and then nothing is printed: one whose thing carries another tag by now, or was sold or retired.",
        params: SiteParams,
        querystring: Type.Object({ format: Type.Optional(Type.Enum(labelFormats, { default: "csv" })) }),
        body: Type.Object(
          {
            tags: Type.Array(Type.String({ maxLength: 1_024, pattern: storableText }), {
              minItems: 1,
              maxItems: labelsMax,
            }),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.String({ description: "the file" }), ...problems(404, 409) },
      },
    },
    async ({ params, query, body }, reply) => {
      await sites.check(params.site);
      const items = await itemsOf(edge, params.site, body.tags);
      const described = await classesOf(edge, params.site, new Set(items.map(({ class: name }) => name)));
      const format: LabelFormat = query.format ?? "csv";
      const file = labelFile(
        format,
        items.map((item) => ({ item, rentalClass: described.get(item.class) })),
      );
      return reply
        .type(file.mediaType)
        .header("content-disposition", `attachment; filename="${params.site}-labels.${format}"`)
        .serializer((text: string) => text)
        .send(file.text);
    },
  );
};

/** Why no label is printed of a tag; undefined where one may be. */
const endOf = ({ tag, status, replacedBy }: Item): string | undefined => {
  if (replacedBy != null) return `${tag} is ${replacedBy} now`;
  return status === "sold" || status === "retired" ? `${tag} is ${status}` : undefined;
};

/**
 * @throws Fault `tag_malformed`, `tag_unknown`: a label for what nobody knows would put a stranger on the floor; `transition_refused` for
 * a tag that has ended: written on a chip, it would be on a thing once more.
 */
const itemsOf = async ({ bus }: Edge, site: string, written: readonly string[]): Promise<Item[]> => {
  const items: Item[] = [];
  for (let from = 0; from < written.length; from += asksAtOnce) {
    const some = written.slice(from, from + asksAtOnce).map(async (raw) => {
      const tag = normaliseTag(raw);
      if (tag === undefined) throw new Fault("tag_malformed", raw.slice(0, 80));
      const { item } = await inquire(bus, AskItem, { site, tag });
      // What was never put on a thing after all leads to itself.
      if (item === null || item.replacedBy === tag) throw new Fault("tag_unknown", tag);
      const ended = endOf(item);
      if (ended !== undefined) throw new Fault("transition_refused", ended);
      return item;
    });
    items.push(...(await Promise.all(some)));
  }
  return items;
};

const classesPageMax = 1_000;

const classesOf = async (
  { bus }: Edge,
  site: string,
  wanted: ReadonlySet<string>,
): Promise<Map<string, RentalClass>> => {
  const found = new Map<string, RentalClass>();
  let cursor: string | null = null;
  do {
    const page: { classes: RentalClass[]; next: string | null } = await inquire(bus, AskClasses, {
      site,
      limit: classesPageMax,
      cursor,
    });
    for (const one of page.classes) if (wanted.has(one.class)) found.set(one.class, one);
    cursor = page.next;
  } while (cursor !== null && found.size < wanted.size);
  return found;
};
