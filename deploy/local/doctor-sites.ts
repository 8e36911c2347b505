import { type Audit, type Finding, positionText, type Site } from "@tagwire/messages";
import type { Access } from "./access.ts";
import { call, faultOf } from "./call.ts";
import { type Check, failed, ok, warning } from "./doctor-check.ts";
import { explain } from "./explain.ts";

/** A clock that is off by more than this makes times on this machine's screens and in its scans wrong. */
const clockMsMax = 2_000;
/** An audit is due every five minutes unless somebody set it otherwise; three that did not come are no chance. */
const auditAgeMsMax = 15 * 60_000;
/** Screens are this far behind for a moment, and not for long. */
const behindMax = 500;
const findingsAsked = 200;

type Shown = { readonly epoch: number; readonly pos: number };

const get = async <T>(access: Access, path: string): Promise<T> => {
  const answer = await call(access, "GET", path);
  if (answer.status !== 200) throw faultOf(path, answer);
  return answer.body as T;
};

const lookAtPicture = async (access: Access, { id, epoch, pos }: Site): Promise<Check> => {
  const name = `${id}: screens`;
  const shown = await get<Shown>(access, `/sites/${id}/dashboard`);
  // More may have come since the site was asked how far it is.
  const isAll = shown.epoch === epoch && shown.pos >= pos;
  const says = isAll
    ? `show everything, up to ${positionText(shown)}`
    : `show ${positionText(shown)} of ${positionText({ epoch, pos })}`;
  return shown.epoch === epoch && pos - shown.pos <= behindMax
    ? ok(name, says)
    : warning(name, says, `If it does not catch up: npx tagwire rebuild manager --site ${id}`);
};

const lookAtAudits = async (access: Access, { id }: Site): Promise<Check> => {
  const name = `${id}: audits`;
  const { data } = await get<{ data: Audit[] }>(access, `/sites/${id}/audits?limit=1`);
  const [last] = data;
  if (last === undefined) return warning(name, "there was none yet", `npx tagwire audit ${id}`);
  const ageMs = Date.now() - Date.parse(last.startedAt);
  const says = `the last one says “${last.verdict}”, ${Math.round(ageMs / 60_000)} min ago`;
  if (last.verdict !== "agree") return failed(name, says, `npx tagwire audit ${id} tells what and where.`);
  return ageMs <= auditAgeMsMax ? ok(name, says) : warning(name, says, "Is the health-check up?");
};

const lookAtFindings = async (access: Access, { id }: Site): Promise<Check> => {
  const name = `${id}: findings`;
  const { data } = await get<{ data: Finding[] }>(
    access,
    `/sites/${id}/findings?state=open&limit=${findingsAsked}`,
  );
  if (data.length === 0) return ok(name, "none is open");
  const codes = [...new Set(data.map(({ code }) => code))].join(", ");
  const many = data.length === findingsAsked ? `${findingsAsked} or more` : String(data.length);
  const isCritical = data.some(({ severity }) => severity === "critical");
  return (isCritical ? failed : warning)(name, `${many} open: ${codes}`, "Settle them on the screen Audits.");
};

const lookAtClock = async (access: Access): Promise<Check> => {
  const before = Date.now();
  const answer = await fetch(`${access.url}/healthz`, { signal: access.signal });
  const told = Date.parse(answer.headers.get("date") ?? "");
  // The header has whole seconds, and came at some moment between.
  const offMs = Math.max(0, before - (told + 1_000), told - Date.now());
  return offMs <= clockMsMax || Number.isNaN(offMs)
    ? ok("clock", "agrees with that of the server")
    : warning(
        "clock",
        `is ${Math.round(offMs / 1_000)} s off from that of the server`,
        "Set it, by NTP if there is any.",
      );
};

const orFailure = async (name: string, look: () => Promise<Check>): Promise<Check> => {
  try {
    return await look();
  } catch (error) {
    return failed(name, explain(error), "Whoever answers for it is not up, or the key may not.");
  }
};

/** What the API says of itself and of every site. @throws Fault when it does not answer, or not to this key */
export const lookAtSites = async (access: Access): Promise<Check[]> => {
  const { data: sites } = await get<{ data: Site[] }>(access, "/sites");
  const all = [
    ok("API", `answers at ${access.url}; ${sites.length === 1 ? "1 site" : `${sites.length} sites`}`),
    await orFailure("clock", () => lookAtClock(access)),
  ];
  for (const site of sites)
    all.push(
      ...(await Promise.all([
        orFailure(`${site.id}: screens`, () => lookAtPicture(access, site)),
        orFailure(`${site.id}: audits`, () => lookAtAudits(access, site)),
        orFailure(`${site.id}: findings`, () => lookAtFindings(access, site)),
      ])),
    );
  return all;
};
