import type { PlaceCount, Zone, ZoneShape } from "@tagwire/messages";
import { uuidv7 } from "uuidv7";
import { type Answer, call } from "./http.ts";

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;
const zonePath = (site: string, place: string): string =>
  `${sitePath(site)}/zones/${encodeURIComponent(place)}`;

/** The places of a site that are drawn, and where. */
export const fetchZones = (
  site: string,
  signal: AbortSignal,
): Promise<Answer<{ readonly data: readonly Zone[] }>> => call(`${sitePath(site)}/zones`, { signal });

export const putZone = (
  site: string,
  place: string,
  shape: ZoneShape,
): Promise<Answer<{ readonly zone: Zone | null }>> =>
  call(zonePath(site, place), { method: "PUT", body: shape, idempotencyKey: uuidv7() });

/** Takes a place off the plan. Its answer says nothing; that it came is told as `true`. */
export const deleteZone = async (site: string, place: string): Promise<Answer<true>> => {
  const answer = await call<void>(zonePath(site, place), { method: "DELETE", idempotencyKey: uuidv7() });
  return answer.kind === "ok" ? { kind: "ok", value: true } : answer;
};

/** Places that a page asks for at once, and at most: of a site with more the first ones are shown, and it is said. */
const placesPerPage = 200;
const pagesMax = 5;

export type PlaceCounts = {
  readonly data: readonly PlaceCount[];
  /** When the first of them were read. */
  readonly asOf: string;
  readonly isCut: boolean;
};

/** What is at each place of a site. */
export const fetchPlaceCounts = async (site: string, signal: AbortSignal): Promise<Answer<PlaceCounts>> => {
  type Page = {
    readonly data: readonly PlaceCount[];
    readonly asOf: string;
    readonly nextCursor: string | null;
  };
  const data: PlaceCount[] = [];
  let [asOf, cursor]: [string | undefined, string | null] = [undefined, null];
  for (let page = 0; page < pagesMax; page += 1) {
    const query = new URLSearchParams({ limit: String(placesPerPage) });
    if (cursor !== null) query.set("cursor", cursor);
    const answer: Answer<Page> = await call(`${sitePath(site)}/boards/places?${query}`, { signal });
    if (answer.kind !== "ok") return answer;
    data.push(...answer.value.data);
    asOf ??= answer.value.asOf;
    cursor = answer.value.nextCursor;
    if (cursor === null) break;
  }
  return { kind: "ok", value: { data, asOf: asOf ?? "", isCut: cursor !== null } };
};
