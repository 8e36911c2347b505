import { ask } from "@tagwire/bus";
import { AskFindings, AskRunAudit, type Audit, type Finding } from "@tagwire/messages";
import { figureOf, type Row, timed } from "./figure.ts";
import { importFile } from "./import-file.ts";
import { type Setting, untilQuiet } from "./setting.ts";
import { createSite, stock, tagOf } from "./stock.ts";

const site = "audit";
const loggedSite = "audit-logged";
const compareMsMax = 1_000;
const askTimeoutMs = 600_000;
const rowsPerStatement = 50_000;
const columns = "class, name, status, quality, place, notes, version, pos, role";

/**
 * Rows that both sides hold alike, made by SQL as their triggers count them. No event has made them, since each event carries the hash of
 * the one before, and ten million of those take far longer to make than to audit. So what an audit reads of the log is that of a site whose log is nearly empty.
 */
const fill = async ({ sql }: Setting, items: number): Promise<void> => {
  for (let from = 1; from <= items; from += rowsPerStatement)
    for (const [side, more] of [
      ["operations", ""],
      ["manager", ", changed_at"],
    ] as const)
      await sql.unsafe(
        `insert into ${side}.item (site, tag, ${columns}${more})
         select site, 'B' || lpad(at::text, 11, '0'), ${columns}${more}
         from ${side}.item, generate_series(${from}, ${Math.min(items, from + rowsPerStatement - 1)}) as one (at)
         where site = '${site}' and tag = '${tagOf(0)}'`,
      );
};

/** Boards that are folded again say of a thing which no event has made that it is no thing at all. */
const isOfBoards = ({ code, evidence }: Finding): boolean =>
  code === "field_diff" && evidence.folded === null;
/** Things that no event has made: whoever folds lives and boards again says so of all of them, sooner than of things with a life. */
const isOfNobody = (finding: Finding): boolean =>
  finding.code === "state_unexplained" || finding.code === "systemic" || isOfBoards(finding);

const tierMs = ({ tiers }: Audit, name: string): number =>
  tiers.find(({ tier }) => tier === name)?.durationMs ?? Number.NaN;

const tiersOf = ({ tiers }: Audit): string =>
  tiers.map(({ tier, durationMs }) => `${tier} ${durationMs.toFixed(0)} ms`).join(", ");

/** What it takes to add up the rows of one side of a site. */
const addUp = ({ sql }: Setting, of: string): Promise<number> =>
  timed(
    () => sql`
      select sum((operations.tagwire_lanes(jsonb_build_array(tag, class, name, status, quality, place, contract, notes, version, pos)::text))[1])
      from operations.item where site = ${of}`,
  );

/**
 * An audit of a site of which every item came in by the public door, and has its event: one field is flipped on one side, and one item is
 * gone on both, so that only its event says so. What belongs together is suspected once before it is found.
 */
const measureLogged = async (setting: Setting): Promise<Row> => {
  const { bus, sql, sizes, system } = setting;
  const items = sizes.auditLogItems;
  await createSite(bus, loggedSite);
  await importFile(system, loggedSite, items, () => {});
  await untilQuiet(setting);
  const audit = async (): Promise<Audit> =>
    (await ask(bus, AskRunAudit, { site: loggedSite, by: "bench" }, { timeoutMs: askTimeoutMs })).audit;
  const whole = await audit();
  if (whole.verdict !== "agree") throw new Error(`two equal sides: ${JSON.stringify(whole)}`);
  const [flipped, gone] = [tagOf(Math.floor(items / 3)), tagOf(Math.floor(items / 2))];
  await sql`update manager.item set notes = 'flipped' where site = ${loggedSite} and tag = ${flipped}`;
  for (const side of ["operations", "manager"])
    await sql`delete from ${sql(`${side}.item`)} where site = ${loggedSite} and tag = ${gone}`;
  const first = await audit();
  await audit();
  const asked = { site: loggedSite, limit: 500, cursor: null, states: ["open" as const] };
  const found = (await ask(bus, AskFindings, asked)).findings.map(({ code, key }) => `${code} ${key}`).sort();
  if (JSON.stringify(found) !== JSON.stringify([`field_diff ${flipped}`, `orphan_history ${gone}`].sort()))
    throw new Error(`not found, or more: ${found}`);
  return {
    measurement: "audit",
    what: `audit of ${items.toLocaleString("en")} items with their events, one flipped and one gone on both sides named`,
    unit: "ms",
    floor: figureOf([await addUp(setting, loggedSite)]),
    product: figureOf([first.durationMs]),
    note: `floor = adding up the rows of one side; every event is there, and lives are not folded again; ${first.rowsRead} rows read: ${tiersOf(first)}`,
  };
};

/**
 * An audit of a site with ten million items, and one flipped field among them. The floor is to add up the rows of one side, which is
 * what an audit would have to do that keeps nothing while writing.
 */
export const measureAudit = async (setting: Setting): Promise<Row[]> => {
  const { bus, sql, sizes } = setting;
  await stock(bus, site, 1);
  await untilQuiet(setting);
  await fill(setting, sizes.auditItems);
  const audit = async (): Promise<Audit> =>
    (await ask(bus, AskRunAudit, { site, by: "bench" }, { timeoutMs: askTimeoutMs })).audit;

  const floorMs = await addUp(setting, site);
  const openFindings = async (): Promise<Finding[]> =>
    (await ask(bus, AskFindings, { site, limit: 500, cursor: null, states: ["open"] })).findings;
  const whole = await audit();
  if (!(await openFindings()).every(isOfNobody)) throw new Error(`two equal sides: ${JSON.stringify(whole)}`);
  const key = `B${String(Math.ceil(sizes.auditItems / 3)).padStart(11, "0")}`;
  await sql`update manager.item set notes = 'flipped' where site = ${site} and tag = ${key}`;
  // Of much that is odd only examples are kept, and those that are known stay first.
  await sql`truncate health_check.finding`;
  const found = await audit();
  const findings = await openFindings();
  const flipped = findings.filter((finding) => finding.evidence.manager != null && !isOfBoards(finding));
  if (flipped.length !== 1 || flipped[0]?.key !== key)
    throw new Error(`not found: ${findings.map(({ code, key: other }) => `${code} ${other}`)}`);
  const compareMs = tierMs(found, "T1");
  return [
    {
      measurement: "audit",
      what: `compare ${sizes.auditItems.toLocaleString("en")} items, one field flipped and named`,
      unit: "ms",
      floor: figureOf([floorMs]),
      product: figureOf([compareMs]),
      target: { text: `≤ ${compareMsMax} ms`, isMet: compareMs <= compareMsMax },
      note: `floor = adding up the rows of one side; items by SQL without their events, so lives are not folded again and T4 and T5 read the log of a site that has hardly any; ${found.rowsRead} rows read in all, whole audit ${found.durationMs} ms: ${tiersOf(found)}`,
    },
    await measureLogged(setting),
  ];
};
