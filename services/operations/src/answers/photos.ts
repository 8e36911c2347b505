import { createHash } from "node:crypto";
import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { AskPhoto, AskPhotos, AskServicePhotos, Fault, KeepPhoto, normaliseTag } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { findContent, keepContent, listPhotos, listServicePhotos } from "../store/photos.ts";
import { findSite } from "../store/sites.ts";

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

  answer(bus, AskServicePhotos, async ({ site }) => ({ photos: await listServicePhotos(sql, site) })),

  answer(bus, AskPhoto, async ({ site, sha256 }) => {
    const found = await findContent(sql, site, sha256);
    return {
      photo: found === undefined ? null : { type: found.type, base64: found.content.toString("base64") },
    };
  }),
];
