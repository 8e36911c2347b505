import type {
  CreateReader,
  PatchReader,
  Reader,
  ReaderAct,
  SettingsOutcome,
  TestRead,
} from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** How long the page listens to a reader, in seconds. */
export const testSeconds = 3;

export type SettingsRowOutcome = {
  readonly row: number;
  readonly reader: string | null;
  readonly outcome: SettingsOutcome | "rejected";
  readonly code?: string;
  readonly message?: string;
};
export type SettingsTaken = {
  readonly dryRun: boolean;
  readonly rows: readonly SettingsRowOutcome[];
  readonly summary: Readonly<Record<"rows" | SettingsRowOutcome["outcome"], number>>;
};

const readersPath = (site: string): string => `/sites/${encodeURIComponent(site)}/readers`;

export const createReader = (site: string, reader: CreateReader): Promise<Answer<Reader>> =>
  call(readersPath(site), { method: "POST", body: reader });

export const doReader = (site: string, id: string, act: ReaderAct): Promise<Answer<Reader>> =>
  call(`${readersPath(site)}/${id}:${act}`, { method: "POST" });

export const patchReader = (site: string, id: string, patch: PatchReader): Promise<Answer<Reader>> =>
  call(`${readersPath(site)}/${id}`, { method: "PATCH", body: patch });

/** Listens to a reader for some seconds; what it hears moves no stock. */
export const testReader = (site: string, id: string): Promise<Answer<TestRead>> =>
  call(`${readersPath(site)}/${id}:test-read`, { method: "POST", body: { seconds: testSeconds } });

/** Takes a file of settings, or says what would become of each row. A file that begins with a bracket is a list. */
export const importSettings = (
  site: string,
  text: string,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Answer<SettingsTaken>> => {
  const type = text.trimStart().startsWith("[") ? "application/json" : "application/x-ndjson";
  const file = { type, content: text };
  return call(`${readersPath(site)}:import?dryRun=${dryRun}`, { method: "POST", file });
};

/** Where settings are taken out as a file that goes in again: of one reader, or of all. */
export const settingsFile = (site: string, reader?: string): string => {
  const query = new URLSearchParams({ format: "ndjson", ...(reader === undefined ? {} : { reader }) });
  return `/api/v1${readersPath(site)}/settings:export?${query}`;
};
