import { openStore } from "@tagwire/store";
import { pino } from "pino";
import { liveThrough } from "./audit-life.ts";
import { behindOf, measureLogged } from "./audit-logged.ts";
import { addUp, auditPart, openFindings, roundOf, tierMs, toldOf } from "./audit-look.ts";
import { figureOf, type Row } from "./figure.ts";
import type { Setting } from "./setting.ts";
import { tagOf } from "./stock.ts";

const site = "audit";
const compareMsMax = 1_000;
const rowsPerStatement = 50_000;
const statementMsMax = 60_000;
const columns = "class, name, status, quality, place, notes, version, pos, role";
/**
 * Rows that both sides hold alike, made by SQL as their triggers count them, after all that came in by the door: lives are folded in the
 * order of tags. No event has made them, since each event carries the hash of
 * the one before, and ten million of those take far longer to make than to audit.
 */
const fill = async ({ system, sizes: { auditItems, auditDoorItems } }: Setting): Promise<void> => {
  const items = auditItems - auditDoorItems;
  const { sql, close } = await openStore({
    ...{ url: system.databaseUrl, schema: "bench", name: "bench-fill", log: pino({ level: "silent" }) },
    ...{ connectionsMax: 2, transactionTimeoutMs: statementMsMax },
  });
  const one = async (side: "operations" | "manager", more: string) => {
    for (let from = 1; from <= items; from += rowsPerStatement)
      await sql.unsafe(
        `insert into ${side}.item (site, tag, ${columns}${more})
         select site, 'F' || lpad(at::text, 11, '0'), ${columns}${more}
         from ${side}.item, generate_series(${from}, ${Math.min(items, from + rowsPerStatement - 1)}) as one (at)
         where site = '${site}' and tag = '${tagOf(auditDoorItems - 1)}'`,
      );
  };
  await Promise.all([one("operations", ""), one("manager", ", changed_at")]).finally(close);
};

/**
 * Audits of a site with ten million items, and one flipped field among them, with all that the product does in an audit. The items whose
 * lives have their turn in these audits came in by the public door and have their events. The floor is to add up the rows of one side.
 */
export const measureAudit = async (setting: Setting): Promise<Row[]> => {
  const { sql, sizes } = setting;
  const life = await liveThrough(setting, site, {
    items: sizes.auditDoorItems,
    days: sizes.auditDays,
    of: sizes.auditItems,
  });
  await fill(setting);
  await sql`analyze operations.item`;
  await sql`analyze manager.item`;
  const floor = figureOf([await addUp(setting, site)]);
  const whole = await auditPart(setting, site);
  if (whole.audit.verdict !== "agree") throw new Error(`two equal sides: ${JSON.stringify(whole.audit)}`);
  // Which side is right is what its events come to, so it is one that has some.
  const key = tagOf(Math.floor(sizes.auditDoorItems / 3));
  await sql`update manager.item set notes = 'flipped' where site = ${site} and tag = ${key}`;
  const { audit, part } = await auditPart(setting, site);
  const findings = (await openFindings(setting, site)).map(({ code, key: other }) => `${code} ${other}`);
  if (JSON.stringify(findings) !== JSON.stringify([`field_diff ${key}`]))
    throw new Error(`not found, or more: ${findings}`);
  const compareMs = tierMs(audit, "T1");
  const count = sizes.auditItems.toLocaleString("en");
  const behind = `behind ${sizes.auditDoorItems.toLocaleString("en")} of them, whose lives have their turn, are ${behindOf(life)}; the others by SQL without events`;
  return [
    {
      measurement: "audit",
      what: `compare ${count} items, one field flipped`,
      unit: "ms",
      floor,
      product: figureOf([compareMs]),
      target: { text: `≤ ${compareMsMax} ms`, isMet: compareMs <= compareMsMax },
      note: "floor = adding up the rows of one side",
    },
    {
      measurement: "audit",
      what: `audit of ${count} items, one field flipped and named`,
      unit: "ms",
      floor,
      product: figureOf([audit.durationMs]),
      note: `${behind}; ${toldOf(audit)}; ${roundOf(part)}; the audit before: ${toldOf(whole.audit)}`,
    },
    ...(await measureLogged(setting)),
  ];
};
