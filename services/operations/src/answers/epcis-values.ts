import type { EpcisResource } from "@tagwire/messages";
import { placeUri } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { atHand, epcOf } from "../actors/epcis/export.ts";
import { toldTypes, toldWords } from "../actors/epcis/told-words.ts";
import { listPlaces, type PlaceKind, readPlaces } from "../store/epcis-places.ts";
import { listTags } from "../store/items.ts";

/** Rows of the log that are read at once for the places in them, and how often for one answer: whoever asks goes on where it ended. */
const placeRowsMax = 10_000;
const placeStepsMax = 5;

type Asked = { readonly site: string; readonly limit: number; readonly after: string | null };
type Values = { readonly values: string[]; readonly next: string | null };

/** A page of what was read with one more than fits. */
const pageOf = (read: readonly string[], limit: number): { page: readonly string[]; next: string | null } => {
  const page = read.slice(0, limit);
  return { page, next: read.length > limit ? (page.at(-1) ?? null) : null };
};

const words = (all: readonly string[], { limit, after }: Asked): Values => {
  const { page, next } = pageOf(
    all.filter((word) => after === null || word > after),
    limit,
  );
  return { values: [...page], next };
};

/** In the order of the tags, since an EPC is told from its tag alone; two tags of one identity are one EPC. */
const epcs = async (sql: Sql, { site, limit, after }: Asked): Promise<Values> => {
  const tags = await listTags(sql, site, { limit: limit + 1, after: after ?? undefined });
  const { page, next } = pageOf(tags, limit);
  return { values: [...new Set(page.map((tag) => epcOf(site, tag)))], next };
};

/** No place is told before the whole log was read for them: till then an answer is empty, and leads on to where it was asked. */
const places = async (sql: Sql, kind: PlaceKind, { site, limit, after }: Asked): Promise<Values> => {
  const naming = { types: toldTypes, atHand: [...atHand] };
  let isRead = false;
  for (let steps = 0; steps < placeStepsMax && !isRead; steps += 1)
    isRead = await readPlaces(sql, site, naming, placeRowsMax);
  if (!isRead) return { values: [], next: after ?? "" };
  const { page, next } = pageOf(
    await listPlaces(sql, site, { kind, limit: limit + 1, after: after ?? undefined }),
    limit,
  );
  return { values: page.map((place) => placeUri(site, place)), next };
};

/** The values that events of a site have in one of the standard's resources. */
export const readValues = async (sql: Sql, resource: EpcisResource, asked: Asked): Promise<Values> => {
  switch (resource) {
    case "epcs":
      return epcs(sql, asked);
    case "readPoints":
      return places(sql, "read_point", asked);
    case "bizLocations":
      return places(sql, "location", asked);
    default:
      return words(toldWords[resource], asked);
  }
};
