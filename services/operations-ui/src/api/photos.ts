import type { Photo } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

type Photos = { readonly data: readonly Photo[] };
type PhotosPage = Photos & { readonly nextCursor: string | null };

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;
const photosPath = (site: string, tag: string): string =>
  `${sitePath(site)}/items/${encodeURIComponent(tag)}/photos`;

/** A picture over a slow line. */
const uploadTimeoutMs = 60_000;

export const fetchPhotos = (site: string, tag: string, signal: AbortSignal): Promise<Answer<Photos>> =>
  call(photosPath(site, tag), { signal });

const pageLimit = 200;

/** Photos of what waits in service, page by page; what a page that failed would have brought is left out. */
export const fetchServicePhotos = async (site: string, signal: AbortSignal): Promise<readonly Photo[]> => {
  const photos: Photo[] = [];
  let cursor: string | null | undefined;
  do {
    const after: string = cursor == null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer: Answer<PhotosPage> = await call(`${sitePath(site)}/photos?limit=${pageLimit}${after}`, {
      signal,
    });
    if (answer.kind !== "ok") break;
    photos.push(...answer.value.data);
    cursor = answer.value.nextCursor;
  } while (cursor !== null);
  return photos;
};

/** Adds a photo, of an event of the item when one is named; under the same id it is the same photo. */
export const addPhoto = (
  site: string,
  {
    tag,
    id,
    pos,
    picture,
  }: {
    readonly tag: string;
    readonly id: string;
    readonly pos: number | undefined;
    readonly picture: Blob;
  },
): Promise<Answer<Photo>> =>
  call(`${photosPath(site, tag)}${pos === undefined ? "" : `?pos=${pos}`}`, {
    method: "POST",
    file: { type: picture.type, content: picture },
    idempotencyKey: id,
    timeoutMs: uploadTimeoutMs,
  });

export const deletePhoto = (
  site: string,
  { tag, id, reason }: { readonly tag: string; readonly id: string; readonly reason: string },
): Promise<Answer<unknown>> =>
  call(`${photosPath(site, tag)}/${id}:delete`, { method: "POST", body: { reason } });
