import type { ConfirmedTags, ConfirmTags, ProvisionTags, Receipt, RentalClass } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

export type Provisioned = { readonly tags: readonly string[]; readonly receipt: Receipt };
export type LabelFormat = "csv" | "zpl";

/** Thousands of tags are made in one turn, and looked up one by one for their labels. */
const patientMs = 60_000;

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;

/** Makes tags that were never given before; `id` makes a repeat the same tags. */
export const provisionTags = (site: string, body: ProvisionTags, id: string): Promise<Answer<Provisioned>> =>
  call(`${sitePath(site)}/tags:provision`, {
    ...{ method: "POST", body, idempotencyKey: id, timeoutMs: patientMs },
  });

export type Confirmed = ConfirmedTags & { readonly receipt: Receipt };

/** What came out of the printer: those tags are ready to rent, and misprints are retired or printed once more. */
export const confirmTags = (site: string, body: ConfirmTags, id: string): Promise<Answer<Confirmed>> =>
  call(`${sitePath(site)}/tags:confirm`, {
    ...{ method: "POST", body, idempotencyKey: id, timeoutMs: patientMs },
  });

/** The file of labels for a printer, as text. */
export const fetchLabels = (
  site: string,
  tags: readonly string[],
  format: LabelFormat,
): Promise<Answer<string>> =>
  call(`${sitePath(site)}/tags:print?format=${format}`, {
    ...{ method: "POST", body: { tags }, isText: true, timeoutMs: patientMs },
  });

/** Classes that were described, for whoever has to name one. */
export const fetchClasses = (
  site: string,
  signal: AbortSignal,
): Promise<Answer<{ readonly data: readonly RentalClass[] }>> =>
  call(`${sitePath(site)}/classes?limit=200`, { signal });
