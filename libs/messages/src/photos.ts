import Type, { type Static, type TSchema } from "typebox";
import { event } from "./events.ts";
import { ClientId, Instant, SiteId, storableText } from "./ids.ts";
import { By } from "./items.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const photoTypes = ["image/jpeg", "image/png", "image/webp"] as const;
export type PhotoType = (typeof photoTypes)[number];
export const PhotoType = Type.Enum(photoTypes);

/** What a photo may weigh: with its envelope, as text, it goes into one message of the bus. */
export const photoBytesMax = 700_000;
/** Photos of one item that are kept at once. */
export const photosPerItemMax = 20;

export const PhotoHash = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description:
    "SHA-256 of the photo as it is kept: its name, and the proof that it is the one that the log means",
});

const PhotoAddedBody = Type.Object({
  id: ClientId,
  sha256: PhotoHash,
  type: PhotoType,
  bytes: Type.Integer({ minimum: 1, maximum: photoBytesMax }),
  of: nullable(Type.Integer({ description: "position of the event of the item that it shows" })),
});
export type PhotoAdded = Static<typeof PhotoAddedBody>;

const PhotoDeletedBody = Type.Object({
  id: ClientId,
  sha256: PhotoHash,
  reason: Type.String({ description: "as somebody said" }),
});
export type PhotoDeleted = Static<typeof PhotoDeletedBody>;

/*
 * operations says both once they are committed, with the picture kept in the same commit or gone with it; live screens and subscribers
 * listen. In the site's order, at least once. The envelope names the tag.
 */

/** Somebody took a photo of an item: the log has its hash, never the picture. */
export const PhotoAdded = event({ type: "photo.added.v1", entity: "photo", body: PhotoAddedBody });
/** A photo was deleted: why stays in the log, the picture is gone unless another event means the same. */
export const PhotoDeleted = event({ type: "photo.deleted.v1", entity: "photo", body: PhotoDeletedBody });

export const photoEvents = [PhotoAdded, PhotoDeleted] as const;

/** The photo is of the event at a position, of that of a scan, or of the newest that the item has. */
export const AddPhoto = Type.Object({
  tag: Type.String(),
  sha256: PhotoHash,
  type: PhotoType,
  bytes: PhotoAddedBody.properties.bytes,
  pos: Type.Optional(Type.Integer({ minimum: 1 })),
  scan: Type.Optional(ClientId),
});
export type AddPhoto = Static<typeof AddPhoto>;

export const DeletePhoto = Type.Object({
  tag: Type.String(),
  id: ClientId,
  reason: Type.String({ minLength: 1, maxLength: 500, pattern: storableText }),
});
export type DeletePhoto = Static<typeof DeletePhoto>;

/** A photo as it is kept. */
export const Photo = Type.Object({
  id: ClientId,
  tag: Type.String(),
  sha256: PhotoHash,
  type: PhotoType,
  bytes: Type.Integer(),
  of: nullable(Type.Integer()),
  at: Instant,
  by: By,
});
export type Photo = Static<typeof Photo>;

/** Keeps the bytes of a photo until a command says whose it is. Said again, it changes nothing; what nobody names is deleted after a while. */
export const KeepPhoto = question({
  service: "operations",
  name: "keep-photo",
  question: Type.Object({
    site: SiteId,
    sha256: PhotoHash,
    type: PhotoType,
    base64: Type.String({ contentEncoding: "base64" }),
  }),
  answer: Type.Object({}),
});

/** The photos of an item that are kept, the newest first. */
export const AskPhotos = question({
  service: "operations",
  name: "photos",
  question: Type.Object({ site: SiteId, tag: Type.String() }),
  answer: Type.Object({ photos: Type.Array(Photo) }),
});

/** Photos of the items that wait in service now, the newest first; pages follow each other by `cursor`. */
export const AskServicePhotos = question({
  service: "operations",
  name: "service-photos",
  question: Type.Object({
    site: SiteId,
    limit: Type.Integer({ minimum: 1, maximum: 1_000 }),
    cursor: nullable(Type.String()),
  }),
  answer: Type.Object({ photos: Type.Array(Photo), next: nullable(Type.String()) }),
});

/** One picture. */
export const AskPhoto = question({
  service: "operations",
  name: "photo",
  question: Type.Object({ site: SiteId, sha256: PhotoHash }),
  answer: Type.Object({ photo: nullable(Type.Object({ type: PhotoType, base64: Type.String() })) }),
});
