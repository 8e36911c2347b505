import type {
  Alert,
  AlertAct,
  AlertDetail,
  AlertRule,
  AlertRuleTest,
  CreateAlertRule,
  PatchAlertRule,
  SavedAlertRule,
} from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;
const rulePath = (site: string, id: string): string => `${sitePath(site)}/alert-rules/${id}`;
/** A test tells the rule's addresses, and waits for what mail servers say. */
const testTimeoutMs = 35_000;

export type AlertDeed = { readonly act: AlertAct; readonly why?: string; readonly until?: string };

export const actOnAlert = (site: string, id: string, { act, ...said }: AlertDeed): Promise<Answer<Alert>> =>
  call(`${sitePath(site)}/alerts/${id}:${act}`, { method: "POST", body: said });

/** One alert with its history and who was told. */
export const fetchAlert = (site: string, id: string, signal: AbortSignal): Promise<Answer<AlertDetail>> =>
  call(`${sitePath(site)}/alerts/${id}`, { signal });

export const fetchRules = (
  site: string,
  signal: AbortSignal,
): Promise<Answer<{ data: readonly AlertRule[] }>> => call(`${sitePath(site)}/alert-rules`, { signal });

/** Makes a rule; `id` makes a repeat the same rule. */
export const createRule = (
  site: string,
  { id, rule }: { readonly id: string; readonly rule: CreateAlertRule },
): Promise<Answer<SavedAlertRule>> =>
  call(`${sitePath(site)}/alert-rules`, { method: "POST", body: rule, idempotencyKey: id });

export const patchRule = (
  site: string,
  { id, patch }: { readonly id: string; readonly patch: PatchAlertRule },
): Promise<Answer<SavedAlertRule>> => call(rulePath(site, id), { method: "PATCH", body: patch });

export const deleteRule = (site: string, id: string): Promise<Answer<undefined>> =>
  call(rulePath(site, id), { method: "DELETE" });

export const testRule = (site: string, id: string): Promise<Answer<AlertRuleTest>> =>
  call(`${rulePath(site, id)}:test`, { method: "POST", timeoutMs: testTimeoutMs });

/** Alerts that are over are shown so many at once, the newest first. */
export const pastAlertsShownMax = 50;

export const fetchPastAlerts = (
  site: string,
  signal: AbortSignal,
): Promise<Answer<{ data: readonly Alert[]; nextCursor: string | null }>> => {
  const query = new URLSearchParams({ state: "resolved", limit: String(pastAlertsShownMax) });
  return call(`${sitePath(site)}/alerts?${query}`, { signal });
};
