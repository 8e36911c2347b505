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
/** Whoever looks at gates waits for them: so long for each who is asked. */
const askTimeoutMs = 5_000;
const findingsPerPage = 500;
/** Pages of one answer at most: a site with more open findings or devices than that is told as one that could not be looked through. */
const pagesMax = 20;

/** What somebody says, or who did not answer; what is our own mistake stays one. */
const told = async <T extends object>(who: string, asking: () => Promise<T>): Promise<Told<T>> => {
  try {
    return await asking();
  } catch (error) {
    if (error instanceof Fault) return { unknown: `${who} does not answer: ${error.code}` };
    throw error;
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

const timeZoneOf = async (bus: Bus, site: string): Promise<string> => {
  const { sites } = await ask(bus, AskSites, {}, { timeoutMs: askTimeoutMs });
  const found = sites.find(({ id }) => id === site);
  if (found === undefined) throw new Fault("site_unknown", site);
  return found.timeZone;
};

const criticalFindings = async (bus: Bus, site: string) => {
  const [{ audits }, open] = await Promise.all([
    ask(bus, AskAudits, { site, limit: 1, cursor: null }, { timeoutMs: askTimeoutMs }),
    whole(async (cursor) => {
      const asked = { site, limit: findingsPerPage, cursor, states: [...openFindingStates] };
      const { findings, next } = await ask(bus, AskFindings, asked, { timeoutMs: askTimeoutMs });
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

const scanners = async (bus: Bus, sql: Sql, site: string, nowMs: number) => {
  const ledgers = await whole(async (cursor) => {
    const asked = await ask(bus, AskDeviceLedgers, { site, cursor }, { timeoutMs: askTimeoutMs });
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

const screenLag = async (bus: Bus, site: string, nowMs: number) => {
  const asked = { site, from: new Date(nowMs - dayMs).toISOString() };
  const { recordToScreen } = await ask(bus, AskScreenLag, asked, { timeoutMs: askTimeoutMs });
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
    told("operations", async () => {
      const timeZone = await timeZoneOf(bus, site);
      const asked = { site, timeZone, days: agreementDays + 1, now: new Date(nowMs) };
      return { days: await readAgreement(sql, asked) };
    }),
    told("health-check", () => criticalFindings(bus, site)),
    told("operations", () => scanners(bus, sql, site, nowMs)),
    told("api-gateway", () => screenLag(bus, site, nowMs)),
  ]);
  return { agreement, findings, devices, lag };
};
