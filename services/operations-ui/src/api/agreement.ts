import type {
  ActOnFindingBody,
  Audit,
  DeviceLedger,
  Finding,
  FindingAct,
  FindingDetail,
  Heads,
  HealedFinding,
} from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

const sitePath = (site: string): string => `/sites/${encodeURIComponent(site)}`;
/** An audit may wait a minute for what is behind. */
const auditTimeoutMs = 110_000;
/** Audits that are shown at once: a day has 288. */
const auditsShown = 50;

/** The newest audits of a site, newest first. */
export const fetchAudits = (site: string, signal: AbortSignal): Promise<Answer<{ data: Audit[] }>> =>
  call(`${sitePath(site)}/audits?limit=${auditsShown}`, { signal });

/** Audits a site now; answers when that is done. */
export const runAudit = (site: string): Promise<Answer<Audit>> =>
  call(`${sitePath(site)}/audits`, { method: "POST", timeoutMs: auditTimeoutMs });

export const fetchFinding = (site: string, id: string, signal: AbortSignal): Promise<Answer<FindingDetail>> =>
  call(`${sitePath(site)}/findings/${id}`, { signal });

/** What healing a finding would do; nothing is changed. */
export const previewHealing = (site: string, id: string): Promise<Answer<HealedFinding>> =>
  call(`${sitePath(site)}/findings/${id}:heal`, { method: "POST", body: { preview: true } });

export const actOnFinding = (
  site: string,
  id: string,
  { act, ...body }: ActOnFindingBody & { readonly act: FindingAct },
): Promise<Answer<Finding>> => call(`${sitePath(site)}/findings/${id}:${act}`, { method: "POST", body });

/** How far the log of a site is, and how far everybody has followed it. */
export type SiteHeads = Heads & { readonly applied: number | null; readonly putAside: number | null };

export const fetchHeads = (site: string, signal: AbortSignal): Promise<Answer<SiteHeads>> =>
  call(`${sitePath(site)}/heads`, { signal });

export const fetchDeviceLedgers = (
  site: string,
  signal: AbortSignal,
): Promise<Answer<{ data: DeviceLedger[] }>> => call(`${sitePath(site)}/device-ledgers`, { signal });
