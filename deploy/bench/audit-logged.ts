import { measureFaultsInParts } from "./audit-faults.ts";
import { type Life, liveThrough } from "./audit-life.ts";
import { addUp, auditPart, openFindings, roundOf, toldOf } from "./audit-look.ts";
import { figureOf, type Row } from "./figure.ts";
import type { Setting } from "./setting.ts";
import { tagOf } from "./stock.ts";

const site = "audit-logged";

/** What stands behind the rows of a site, in words. */
export const behindOf = ({ days, scans, events }: Life): string =>
  `${events.toLocaleString("en")} events: each item came in by the public door, and ${scans.toLocaleString("en")} scans were made on contracts and in sessions, as many as in ${days} ${days === 1 ? "day" : "days"} of a house of that size`;

/**
 * Audits of a site of which every item has its events, with all that the product does in an audit: one field is flipped on one side and
 * has to be named, then many things are wrong on both sides alike.
 */
export const measureLogged = async (setting: Setting): Promise<Row[]> => {
  const { sql, sizes } = setting;
  const life = await liveThrough(setting, site, { items: sizes.auditLogItems, days: sizes.auditLogDays });
  // So much has come within minutes that Postgres plans by what it knew before, and a rule takes long enough to be late.
  await sql`analyze`;
  const whole = await auditPart(setting, site);
  if (whole.audit.verdict !== "agree") throw new Error(`two equal sides: ${JSON.stringify(whole.audit)}`);
  const flipped = tagOf(Math.floor(life.items / 3));
  await sql`update manager.item set notes = 'flipped' where site = ${site} and tag = ${flipped}`;
  const { audit, part } = await auditPart(setting, site);
  const found = (await openFindings(setting, site))
    .filter(({ code }) => code !== "rule_late")
    .map(({ code, key }) => `${code} ${key}`);
  if (JSON.stringify(found) !== JSON.stringify([`field_diff ${flipped}`]))
    throw new Error(`not found, or more: ${found}`);
  return [
    {
      measurement: "audit",
      what: `audit of ${life.items.toLocaleString("en")} items with all their events, one field flipped and named`,
      unit: "ms",
      floor: figureOf([await addUp(setting, site)]),
      product: figureOf([audit.durationMs]),
      note: `floor = adding up the rows of one side; ${behindOf(life)}; ${toldOf(audit)}; ${roundOf(part)}; the first audit of the site: ${toldOf(whole.audit)}`,
    },
    await measureFaultsInParts(setting, site),
  ];
};
