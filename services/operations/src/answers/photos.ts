import { createHash } from "node:crypto";
import { answer, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskPhoto,
  AskPhotos,
  AskServicePhotos,
  ClientId,
  Fault,
  KeepPhoto,
  normaliseTag,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { Compile } from "typebox/compile";
import {
  findContent,
  keepContent,
  listPhotos,
  listServicePhotos,
  type PhotoCursor,
} from "../store/photos.ts";
import { findSite } from "../store/sites.ts";
import { decodeText, encodeText, pageOf } from "./page.ts";

const idCheck = Compile(ClientId);

/** @throws Fault `malformed` when the cursor is none of ours. */
const photoOf = (cursor: string | null): PhotoCursor | undefined => {
  if (cursor === null) return undefined;
  const [id = "", at = ""] = decodeText(cursor).split(" ");
  if (!idCheck.Check(id) || Number.isNaN(Date.parse(at))) throw new Fault("malformed", "cursor");
  return { id, at };
};

/** Pictures of things: they are kept by any replica, and named by a command of their site. */
export const answerPhotos = (bus: Bus, sql: Sql): readonly Subscription[] => [
  answer(bus, KeepPhoto, async ({ site, sha256, type, base64 }) => {
    const content = Buffer.from(base64, "base64");
    if (createHash("sha256").update(content).digest("hex") !== sha256)
      throw new Fault("photo.broken", "it is not what its hash says");
    if ((await findSite(sql, site)) === undefined) throw new Fault("site_unknown", site);
    await keepContent(sql, site, { sha256, type, content });
    return {};
  }),

  answer(bus, AskPhotos, async ({ site, tag }) => {
    const known = normaliseTag(tag);
    return { photos: known === undefined ? [] : await listPhotos(sql, site, known) };
  }),

  answer(bus, AskServicePhotos, async ({ site, limit, cursor }) => {
    const rows = await listServicePhotos(sql, site, { limit, before: photoOf(cursor) });
    const { page, more } = pageOf(rows, limit);
    const last = page.at(-1);
    return { photos: page, next: more && last !== undefined ? encodeText(`${last.id} ${last.at}`) : null };
  }),

  answer(bus, AskPhoto, async ({ site, sha256 }) => {
    const found = await findContent(sql, site, sha256);
    return {
      photo: found === undefined ? null : { type: found.type, base64: found.content.toString("base64") },
    };
  }),
];
