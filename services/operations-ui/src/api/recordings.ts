import type { KeptRecording } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

const recordingsPath = (site: string, reader: string): string =>
  `/sites/${encodeURIComponent(site)}/readers/${encodeURIComponent(reader)}/recordings`;

/** What was recorded at a reader and is kept, the newest first. */
export const fetchRecordings = (
  site: string,
  reader: string,
  signal: AbortSignal,
): Promise<Answer<{ readonly data: readonly KeptRecording[] }>> =>
  call(recordingsPath(site, reader), { signal });

export const deleteRecording = (site: string, reader: string, name: string): Promise<Answer<void>> =>
  call(`${recordingsPath(site, reader)}/${name}`, { method: "DELETE" });

/** Where a recording is taken out as a file. */
export const recordingFile = (site: string, reader: string, name: string): string =>
  `/api/v1${recordingsPath(site, reader)}/${name}`;
