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
/** Audits that a page asks for at once: a day has 288. */
const auditsPerPage = 50;

type Page<T> = { readonly data: readonly T[]; readonly nextCursor: string | null };

/** Pages of a list, each after the one before, until there is none or there are as many as are wanted. */
const fetchPages = async <T>(
  path: string,
  { pages, query = {} }: { readonly pages: number; readonly query?: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<Answer<Page<T>>> => {
  const data: T[] = [];
  let nextCursor: string | null = null;
  for (let page = 0; page < pages; page += 1) {
    const asked = new URLSearchParams({ ...query, ...(nextCursor === null ? {} : { cursor: nextCursor }) });
    const answer: Answer<Page<T>> = await call(`${path}?${asked}`, { signal });
    if (answer.kind !== "ok") return answer;
    data.push(...answer.value.data);
    nextCursor = answer.value.nextCursor;
    if (nextCursor === null) break;
  }
  return { kind: "ok", value: { data, nextCursor } };
};

/** So many pages of the audits of a site, newest first. */
export const fetchAudits = (site: string, pages: number, signal: AbortSignal): Promise<Answer<Page<Audit>>> =>
  fetchPages(`${sitePath(site)}/audits`, { pages, query: { limit: String(auditsPerPage) } }, signal);

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

/** 500 devices are in a page. Whoever has more than ten thousand sees the first of them, and is told so. */
const ledgerPagesMax = 20;

/** The ledgers of all devices of a site. */
export const fetchDeviceLedgers = (site: string, signal: AbortSignal): Promise<Answer<Page<DeviceLedger>>> =>
  fetchPages(`${sitePath(site)}/device-ledgers`, { pages: ledgerPagesMax }, signal);
