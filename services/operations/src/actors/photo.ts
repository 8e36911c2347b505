import {
  type AddPhoto,
  type DeletePhoto,
  Fault,
  PhotoAdded,
  PhotoDeleted,
  photosPerItemMax,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import type { Decision, Origin } from "./decision.ts";
import { isUnknownAgain } from "./free-tag.ts";
import type { PhotoGround } from "./known.ts";

const checkItem = (book: Book, tag: string | undefined): string => {
  if (tag === undefined) throw new Fault("tag_malformed", "");
  const item = book.item(tag);
  if (item === undefined || isUnknownAgain(item)) throw new Fault("tag_unknown", tag);
  return tag;
};

/**
 * A photo of an item, of one of its events. The id of the command is that of the photo.
 *
 * @throws Fault `tag_unknown`, `photo.event_unknown`, `photo.too_many`; `unavailable` when the picture is not there any more: it is sent again.
 */
export const decidePhoto = (
  book: Book,
  {
    tag: written,
    photo,
    id,
  }: { readonly tag: string | undefined; readonly photo: AddPhoto; readonly id: string },
  origin: Origin,
  ground: PhotoGround | undefined,
): Decision => {
  const tag = checkItem(book, written);
  if (ground?.of === undefined) throw new Fault("photo.event_unknown", tag);
  if (ground.photos.length >= photosPerItemMax) throw new Fault("photo.too_many", tag);
  if (ground.isKept !== true) throw new Fault("unavailable", "the picture is not kept yet");
  const { sha256, type, bytes } = photo;
  return {
    outcome: "accepted",
    flags: [],
    said: { type: PhotoAdded.type, tag, data: { id, sha256, type, bytes, of: ground.of }, ...origin },
  };
};

/** @throws Fault `tag_unknown`; `photo.unknown` when it is none of the item's, or was deleted before. */
export const decidePhotoDeletion = (
  book: Book,
  { tag: written, id, reason }: Omit<DeletePhoto, "tag"> & { readonly tag: string | undefined },
  origin: Origin,
  ground: PhotoGround | undefined,
): Decision => {
  const tag = checkItem(book, written);
  const photo = ground?.photos.find((one) => one.id === id.toLowerCase());
  if (photo === undefined) throw new Fault("photo.unknown", id);
  const data = { id: photo.id, sha256: photo.sha256, reason: reason.trim() };
  return { outcome: "accepted", flags: [], said: { type: PhotoDeleted.type, tag, data, ...origin } };
};
