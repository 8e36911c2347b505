import type {
  ActOnRfidproDifference,
  ConfirmRfidproImport,
  RfidproDifference,
  RfidproDifferenceAct,
  RfidproDifferenceClass,
  RfidproDifferenceState,
  RfidproImport,
  RfidproImportPreview,
  RfidproSignature,
} from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** A preview looks at every row that was pulled. */
const previewTimeoutMs = 120_000;

export type DifferencesFilter = {
  readonly class?: RfidproDifferenceClass | undefined;
  readonly states: readonly RfidproDifferenceState[];
  readonly q?: string;
};

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}/rfidpro/differences`;

const wordsOf = ({ class: name, states, q = "" }: DifferencesFilter): string => {
  const words = new URLSearchParams({ state: states.join(",") });
  if (name !== undefined) words.set("class", name);
  if (q.trim() !== "") words.set("q", q.trim());
  return words.toString();
};

/** A page of the differences of a site, those that were seen last first. */
export const fetchDifferences = (
  site: string,
  filter: DifferencesFilter,
  { cursor, signal }: { cursor: string | undefined; signal: AbortSignal },
): Promise<Answer<{ data: RfidproDifference[]; nextCursor: string | null }>> => {
  const from = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  return call(`${sitePath(site)}?${wordsOf(filter)}&limit=50${from}`, { signal });
};

/** Where all differences that a filter lets through are, as a file. */
export const differencesFile = (site: string, filter: DifferencesFilter, format: string): string =>
  `/api/v1${sitePath(site)}:export?${wordsOf(filter)}&format=${format}`;

export const reportPath = (run: string, format: "html" | "csv"): string =>
  `/api/v1/rfidpro/runs/${run}/report?format=${format}`;

/** Every row of an import that fell under a rule, or was refused, as a file. */
export const importFile = (run: string): string => `/api/v1/rfidpro/runs/${run}/import:export?format=csv`;

export const actOnDifference = (
  site: string,
  id: string,
  { act, ...body }: ActOnRfidproDifference & { readonly act: RfidproDifferenceAct },
): Promise<Answer<RfidproDifference>> => call(`${sitePath(site)}/${id}:${act}`, { method: "POST", body });

export const signReport = (run: string, name: string): Promise<Answer<RfidproSignature>> =>
  call(`/rfidpro/runs/${run}:sign`, {
    method: "POST",
    body: name.trim() === "" ? {} : { name: name.trim() },
  });

export const previewImport = (run: string): Promise<Answer<RfidproImportPreview>> =>
  call(`/rfidpro/runs/${run}:preview-import`, { method: "POST", timeoutMs: previewTimeoutMs });

export const confirmImport = (run: string, body: ConfirmRfidproImport): Promise<Answer<RfidproImport>> =>
  call(`/rfidpro/runs/${run}:import`, { method: "POST", body, timeoutMs: previewTimeoutMs });

export const fetchImport = (
  run: string,
  signal: AbortSignal,
): Promise<Answer<{ preview: RfidproImportPreview | null; import: RfidproImport | null }>> =>
  call(`/rfidpro/runs/${run}/import`, { signal });
