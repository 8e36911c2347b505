import type { PutStation, SettingsChange, Station } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;
const stationPath = (site: string, id: string): string =>
  `${sitePath(site)}/stations/${encodeURIComponent(id)}`;

/** The stations of a site: where readers and antennas are bound to. */
export const fetchStations = (
  site: string,
  signal: AbortSignal,
): Promise<Answer<{ readonly data: readonly Station[] }>> => call(`${sitePath(site)}/stations`, { signal });

export const putStation = (site: string, id: string, station: PutStation): Promise<Answer<Station>> =>
  call(stationPath(site, id), { method: "PUT", body: station });

export const deleteStation = (site: string, id: string): Promise<Answer<void>> =>
  call(stationPath(site, id), { method: "DELETE" });

export type History = { readonly data: readonly SettingsChange[]; readonly nextCursor: string | null };

/** Changes that a page asks for at once. */
const changesPerPage = 20;

/** Who set what of a reader, a station or a zone, the newest first: as many pages as are wanted, each after the one before. */
export const fetchHistory = async (
  site: string,
  of: { readonly path: "readers" | "stations" | "zones"; readonly id: string; readonly pages: number },
  signal: AbortSignal,
): Promise<Answer<History>> => {
  const data: SettingsChange[] = [];
  let nextCursor: string | null = null;
  for (let page = 0; page < of.pages; page += 1) {
    const query = new URLSearchParams({ limit: String(changesPerPage) });
    if (nextCursor !== null) query.set("cursor", nextCursor);
    const path = `${sitePath(site)}/${of.path}/${encodeURIComponent(of.id)}/history?${query}`;
    const answer: Answer<History> = await call(path, { signal });
    if (answer.kind !== "ok") return answer;
    data.push(...answer.value.data);
    nextCursor = answer.value.nextCursor;
    if (nextCursor === null) break;
  }
  return { kind: "ok", value: { data, nextCursor } };
};
