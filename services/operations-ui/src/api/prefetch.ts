import type { PrefetchReport, PrefetchSaid, PrefetchSiteFigures } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

export type SetPage = Omit<PrefetchSaid, "rows" | "next"> & {
  readonly data: PrefetchSaid["rows"];
  readonly nextCursor: string | null;
};
export type PrefetchFigures = PrefetchSiteFigures;

/** What this device asks for: it is written out where it is kept. */
const bounds = { items: "5000", bytes: "4000000", limit: "2000" };

const devicePath = (site: string, device: string): string =>
  `/sites/${encodeURIComponent(site)}/devices/${encodeURIComponent(device)}/prefetch`;

/** A page of what this device should hold, or of what is different since a revision. */
export const fetchSet = (
  site: string,
  device: string,
  { since, cursor }: { readonly since: number | undefined; readonly cursor: string | null },
): Promise<Answer<SetPage>> => {
  const query = new URLSearchParams(bounds);
  if (since !== undefined) query.set("since", String(since));
  if (cursor !== null) query.set("cursor", cursor);
  return call(`${devicePath(site, device)}?${query}`);
};

export const reportNames = (
  site: string,
  device: string,
  report: PrefetchReport,
): Promise<Answer<{ counted: boolean }>> =>
  call(`${devicePath(site, device)}:report`, { method: "POST", body: report });

export const fetchPrefetchFigures = (site: string, signal: AbortSignal): Promise<Answer<PrefetchFigures>> =>
  call(`/sites/${encodeURIComponent(site)}/prefetch`, { signal });
