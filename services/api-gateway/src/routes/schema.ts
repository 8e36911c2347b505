import { Item, SiteId } from "@tagwire/messages";
import Type, { type TSchema } from "typebox";
import { Problem, problemMediaType } from "../edge/problem.ts";

export const SiteParams = Type.Object({ site: SiteId });

export const itemsPageMax = 200;
export const pageDefault = 50;

export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: itemsPageMax, default: pageDefault })),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2_000, description: "nextCursor of the page before" }),
  ),
};

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const listOf = <T extends TSchema>(schema: T) =>
  Type.Object({ data: Type.Array(schema), nextCursor: nullable(Type.String()) });

/** A list from the record: of which position of the site's log it is, and when it was read. */
export const recordListOf = <T extends TSchema>(schema: T) =>
  Type.Object({
    ...listOf(schema).properties,
    epoch: nullable(Type.Integer({ description: "epoch of the site's log that the rows are of" })),
    pos: nullable(Type.Integer({ description: "position of the site's log that the rows are of" })),
    asOf: nullable(
      Type.String({
        description: "when they were read, RFC 3339; null where operations is of before it said so",
      }),
    ),
  });

type OfRecord = { readonly epoch?: number; readonly pos?: number; readonly asOf?: string };

/** Of which position an answer from the record is. */
export const positionIn = ({ epoch, pos, asOf }: OfRecord) => ({
  epoch: epoch ?? null,
  pos: pos ?? null,
  asOf: asOf ?? null,
});

export const IdempotencyHeaders = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({
      pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
      description:
        "a UUID made by the client: a repeat with the same key is applied once and tells how things are now, under the ETag of what it made the first time; with another body it is refused as id_reused",
    }),
  ),
});

/** What the bits of a tag say, where they are an EPC. */
export const TagIdentity = Type.Object({
  scheme: Type.String({
    description:
      "a GS1 scheme such as sgtin-96, sgtin+ or sgtin++, or opaque, tid, iso; iso once a reader that tells the protocol control word has told that the tag is of ISO",
  }),
  uri: Type.Optional(
    Type.String({
      description:
        "what EPCIS calls the thing: urn:epc:id:…, or https://id.gs1.org/… for a scheme with a plus sign",
    }),
  ),
  tagUri: Type.Optional(
    Type.String({ description: "the tag: urn:epc:tag:…, or urn:epc:raw:… for a scheme with a plus sign" }),
  ),
  digitalLink: Type.Optional(
    nullable(
      Type.String({
        description:
          "GS1 Digital Link, where the scheme has one: on the tag's own host and with its data, where it holds such",
      }),
    ),
  ),
  data: Type.Optional(
    Type.Record(Type.String({ pattern: "^[0-9]{2,4}$" }), Type.String(), {
      description:
        "what the tag says besides, by GS1 application identifier: 10 is a lot, 17 a day of expiry",
    }),
  ),
});

export const ItemView = Type.Object({ ...Item.properties, epc: TagIdentity });

/** What a status says, in a word or two. */
export const meanings: Readonly<Record<number, string>> = {
  400: "malformed",
  401: "unauthenticated",
  403: "forbidden",
  404: "not found",
  408: "did not arrive in time",
  409: "in conflict with what is known",
  412: "changed meanwhile",
  413: "too large",
  415: "not JSON",
  426: "upgrade required",
  428: "If-Match required",
  429: "too many attempts",
  500: "our mistake",
  502: "the reader's mistake",
  503: "not now; see Retry-After",
  504: "outcome unknown: ask again with the same ids",
};

/** Every route can say these. */
const always = [400, 401, 403, 500, 503, 504] as const;

/** The problem answers of a route: the usual ones and those named. */
export const problems = (...statuses: readonly number[]): Record<number, TSchema> =>
  Object.fromEntries(
    [...new Set([...always, ...statuses])].sort().map((status) => [
      status,
      {
        description: meanings[status] ?? "problem",
        content: { [problemMediaType]: { schema: Problem } },
      } as unknown as TSchema,
    ]),
  );
