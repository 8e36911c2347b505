import { ask, type Bus } from "@tagwire/bus";
import {
  AskAudits,
  AskDeviceLedgers,
  AskFindings,
  AskScreenLag,
  AskSites,
  Fault,
  openFindingStates,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { agreementDays, type Sightings, silentDays, type Told } from "../actors/gates.ts";
import { importDevice } from "../actors/operations-scan.ts";
import { readAgreement, readOldScanners } from "../store/agreement.ts";

const dayMs = 86_400_000;
/**
 * Whoever looks at gates waits for them: so long for each sighting, all of its questions and pages together. The edge waits three times as long
 * for all of them, which are made at once, so that one who is silent hides no other.
 */
const sightingMsMax = 5_000;
const findingsPerPage = 500;
/** Pages of one answer at most: a site with more open findings or devices than that is told as one that could not be looked through. */
const pagesMax = 20;

/** Options of a question that is asked within a sighting: it has what is left of its time. */
type Left = () => { readonly timeoutMs: number };

/** What somebody says, or who did not answer in time; what is our own mistake stays one. */
const told = async <T extends object>(who: string, asking: (left: Left) => Promise<T>): Promise<Told<T>> => {
  const silent = { unknown: `${who} did not answer within ${sightingMsMax / 1_000} s` };
  const untilMs = performance.now() + sightingMsMax;
  const late = Promise.withResolvers<Told<T>>();
  const timer = setTimeout(() => late.resolve(silent), sightingMsMax);
  try {
    const left: Left = () => ({ timeoutMs: Math.max(1, untilMs - performance.now()) });
    return await Promise.race([asking(left), late.promise]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return error.code === "outcome_unknown" ? silent : { unknown: `${who} does not answer: ${error.code}` };
  } finally {
    clearTimeout(timer);
  }
};

/** Everything of a list that is asked for page by page. */
const whole = async <T>(
  read: (cursor: string | null) => Promise<{ readonly rows: readonly T[]; readonly next: string | null }>,
): Promise<readonly T[]> => {
  const all: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const { rows, next } = await read(cursor);
    all.push(...rows);
    if (next === null) return all;
    cursor = next;
  }
  throw new Fault("too_large", `more than ${pagesMax} pages`);
};

const timeZoneOf = async (bus: Bus, site: string, left: Left): Promise<string> => {
  const { sites } = await ask(bus, AskSites, {}, left());
  const found = sites.find(({ id }) => id === site);
  if (found === undefined) throw new Fault("site_unknown", site);
  return found.timeZone;
};

const criticalFindings = async (bus: Bus, site: string, left: Left) => {
  const [{ audits }, open] = await Promise.all([
    ask(bus, AskAudits, { site, limit: 1, cursor: null }, left()),
    whole(async (cursor) => {
      const asked = { site, limit: findingsPerPage, cursor, states: [...openFindingStates] };
      const { findings, next } = await ask(bus, AskFindings, asked, left());
      return { rows: findings, next };
    }),
  ]);
  const [last] = audits;
  return {
    critical: open.filter(({ severity }) => severity === "critical").length,
    auditedAt: last?.startedAt ?? null,
    whole: last?.verdict !== "incomplete",
  };
};

type Asked = { readonly site: string; readonly nowMs: number; readonly left: Left };

const scanners = async (bus: Bus, sql: Sql, { site, nowMs, left }: Asked) => {
  const ledgers = await whole(async (cursor) => {
    const asked = await ask(bus, AskDeviceLedgers, { site, cursor }, left());
    return { rows: asked.ledgers, next: asked.next };
  });
  const old = await readOldScanners(sql, site);
  return {
    pulledAt: old?.pulledAt ?? null,
    oldScanners: old?.oldScanners ?? [],
    // What an import has stated was scanned by nobody here.
    webScanners: ledgers.filter(
      ({ device, lastAt }) => device !== importDevice && nowMs - Date.parse(lastAt) <= silentDays * dayMs,
    ).length,
  };
};

const screenLag = async (bus: Bus, { site, nowMs, left }: Asked) => {
  const asked = { site, from: new Date(nowMs - dayMs).toISOString() };
  const { recordToScreen } = await ask(bus, AskScreenLag, asked, left());
  const { samples, p99Ms, maxMs } = recordToScreen;
  return { samples, p99Ms, maxMs };
};

/** Asks everybody who knows something of a site that is about to take a step, all at once. */
export const gatherSightings = async (
  bus: Bus,
  sql: Sql,
  { site, nowMs }: { readonly site: string; readonly nowMs: number },
): Promise<Sightings> => {
  const [agreement, findings, devices, lag] = await Promise.all([
    told("operations", async (left) => {
      const timeZone = await timeZoneOf(bus, site, left);
      const asked = { site, timeZone, days: agreementDays + 1, now: new Date(nowMs) };
      return { days: await readAgreement(sql, asked) };
    }),
    told("health-check", (left) => criticalFindings(bus, site, left)),
    told("operations", (left) => scanners(bus, sql, { site, nowMs, left })),
    told("api-gateway", (left) => screenLag(bus, { site, nowMs, left })),
  ]);
  return { agreement, findings, devices, lag };
};
