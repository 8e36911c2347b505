import { createHash } from "node:crypto";
import {
  AskPhoto,
  AskPhotos,
  AskServicePhotos,
  ClientId,
  DeletePhoto,
  Fault,
  KeepPhoto,
  normaliseTag,
  Photo,
  PhotoHash,
  photoBytesMax,
  photoTypes,
  Receipt,
  SiteId,
} from "@tagwire/messages";
import Type, { type TSchema } from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { validatorCompiler } from "../edge/validation.ts";
import { cleanPhoto } from "../photos/clean-photo.ts";
import { IdempotencyHeaders, listOf, pageDefault, pageQuery, problems, SiteParams } from "./schema.ts";

const tags = ["Photos"];
const ItemParams = Type.Object({ site: SiteId, tag: Type.String({ maxLength: 1_024 }) });
/** Metadata goes before the weight is looked at, and may be as much again. */
const uploadBytesMax = 4 * photoBytesMax;
/** A picture is what its hash says, for ever; who may see it is asked each time that a browser does not have it. */
const pictureCaching = "private, max-age=31536000, immutable";
/** Opened by itself a picture is no page that could do anything. */
const picturePolicy = "default-src 'none'; sandbox";

const tagOf = (written: string): string => {
  const tag = normaliseTag(written);
  if (tag === undefined) throw new Fault("tag_malformed", "");
  return tag;
};

const pictures = Object.fromEntries(
  photoTypes.map((type) => [type, { schema: Type.String({ format: "binary" }) }]),
);

/** Photos of things, of damage above all. */
export const photos = (app: Gateway, edge: Edge): void => {
  const { bus, sites } = edge;

  // The upload takes pictures and nothing else: a scope keeps that from all other routes.
  app.register(async (scope: Gateway) => {
    scope.removeAllContentTypeParsers();
    // Whatever it is called, its bytes say what it is.
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.post(
      "/sites/:site/items/:tag/photos",
      {
        bodyLimit: uploadBytesMax,
        validatorCompiler: (route) =>
          route.httpPart === "body" ? (value: unknown) => ({ value }) : validatorCompiler(route),
        schema: {
          operationId: "addPhoto",
          tags,
          summary: "Add a photo of an item, such as of damage that was found at its return",
          description:
            "A JPEG, PNG or WebP, known by its bytes. Its metadata (where and when it was taken, with what, and how the camera was held) is taken off before it is kept; what is left has at most 700,000 bytes. It is of the event at `pos`, of that of the scan `scan`, or of the newest of the item. An item has at most 20.",
          params: ItemParams,
          querystring: Type.Object({
            scan: Type.Optional(ClientId),
            pos: Type.Optional(Type.Integer({ minimum: 1 })),
          }),
          headers: IdempotencyHeaders,
          body: { content: pictures } as unknown as TSchema,
          response: { 201: Photo, ...problems(404, 409, 413, 415) },
        },
      },
      async (request, reply) => {
        const { site } = request.params;
        await sites.check(site);
        const tag = tagOf(request.params.tag);
        if (!Buffer.isBuffer(request.body)) throw new Fault("photo.type", "");
        const { type, bytes } = cleanPhoto(request.body);
        if (bytes.length > photoBytesMax) throw new Fault("photo.too_large", `${bytes.length} bytes`);
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        const envelope = envelopeOf(request);
        await instruct(bus, KeepPhoto, { site, sha256, type, base64: bytes.toString("base64") });
        await sendCommand<"photo.add">(bus, site, {
          kind: "photo.add",
          ...envelope,
          body: { tag, sha256, type, bytes: bytes.length, ...request.query },
        });
        const kept = await inquire(bus, AskPhotos, { site, tag });
        const photo = kept.photos.find(({ id }) => id === envelope.id.toLowerCase());
        if (photo === undefined) throw new Fault("photo.unknown", envelope.id);
        return reply.status(201).header("location", `/api/v1/sites/${site}/photos/${sha256}`).send(photo);
      },
    );
  });

  app.get(
    "/sites/:site/items/:tag/photos",
    {
      schema: {
        operationId: "listPhotos",
        tags,
        summary: "Photos of an item, newest first",
        params: ItemParams,
        response: { 200: listOf(Photo), ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const answer = await inquire(bus, AskPhotos, { site: params.site, tag: tagOf(params.tag) });
      return { data: answer.photos, nextCursor: null };
    },
  );

  app.get(
    "/sites/:site/photos",
    {
      schema: {
        operationId: "listServicePhotos",
        tags,
        summary: "Photos of the items that wait in service now, newest first",
        params: SiteParams,
        querystring: Type.Object(pageQuery),
        response: { 200: listOf(Photo), ...problems(404) },
      },
    },
    async ({ params, query: { limit = pageDefault, cursor } }) => {
      await sites.check(params.site);
      const asked = { ...params, limit, cursor: openCursor(cursor) };
      const { photos: page, next } = await inquire(bus, AskServicePhotos, asked);
      return { data: page, nextCursor: sealCursor(next) };
    },
  );

  app.get(
    "/sites/:site/photos/:sha256",
    {
      schema: {
        operationId: "getPhoto",
        tags,
        summary: "A picture, by the hash that the log names",
        params: Type.Object({ site: SiteId, sha256: PhotoHash }),
        response: {
          200: { description: "the picture", content: pictures } as unknown as TSchema,
          ...problems(404),
        },
      },
    },
    async ({ params }, reply) => {
      await sites.check(params.site);
      const { photo } = await inquire(bus, AskPhoto, params);
      if (photo === null) throw new Fault("photo.unknown", params.sha256);
      return reply
        .type(photo.type)
        .header("cache-control", pictureCaching)
        .header("content-security-policy", picturePolicy)
        .serializer((bytes: Buffer) => bytes as unknown as string)
        .send(Buffer.from(photo.base64, "base64"));
    },
  );

  app.post(
    "/sites/:site/items/:tag/photos/:id(^[^:]+)::delete",
    {
      schema: {
        operationId: "deletePhoto",
        tags,
        summary: "Delete a photo, and say why",
        description:
          "Who deleted it and why stays in the log, and so does its hash. The picture is gone, unless another photo shows the same.",
        params: Type.Object({ ...ItemParams.properties, id: ClientId }),
        headers: IdempotencyHeaders,
        body: Type.Pick(DeletePhoto, ["reason"], { additionalProperties: false }),
        response: { 200: Type.Object({ receipt: Receipt }), ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site, id } = request.params;
      await sites.check(site);
      const { receipt } = await sendCommand<"photo.delete">(bus, site, {
        kind: "photo.delete",
        ...envelopeOf(request),
        body: { tag: tagOf(request.params.tag), id, reason: request.body.reason },
      });
      return { receipt };
    },
  );
};
