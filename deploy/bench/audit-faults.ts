import { auditIntervalMs } from "@tagwire/messages";
import { auditPart, openFindings } from "./audit-look.ts";
import { figureOf, type Row } from "./figure.ts";
import type { Setting } from "./setting.ts";

/** So many of each kind. */
const each = 5;
const dayMs = 86_400_000;
const auditsPerDay = dayMs / auditIntervalMs;
/** What is seen in one audit is a finding by the next. */
const confirming = 1;
/** So many rounds are waited for before something counts as never found: on a busy machine an audit may come to nothing. */
const patience = 3;

type Fault = { readonly code: string; readonly key: string };
type Keys = readonly { readonly key: string; readonly other?: string }[];

const sides = ["operations", "manager"] as const;

/**
 * Makes a record wrong the same way on both sides, where only what belongs together can tell: no sum differs. At random things, so that
 * they are in whatever part; what follows from each is about the same contract or thing.
 */
const seed = async ({ sql }: Setting, site: string): Promise<Fault[]> => {
  const alike = async (statement: (side: (typeof sides)[number]) => string) => {
    for (const side of sides) await sql.unsafe(statement(side));
  };
  const on = (side: string, contract: string, tag: string, state: string) =>
    `insert into ${side}.contract_member (site, contract, tag, class, state, pos) values ('${site}', '${contract}', '${tag}', 'Class 1', '${state}', 1)`;
  const picked = (from: string, count: number): Promise<Keys> =>
    sql.unsafe<{ key: string; other?: string }[]>(`${from} order by random() limit ${count}`);
  const faults: Fault[] = [];
  const out = await picked(
    `select member.tag as key, other.number as other from operations.contract_member member
      join operations.contract other on other.site = '${site}' and other.number <> member.contract and other.number like '%7'
      where member.site = '${site}' and member.state = 'out'`,
    each,
  );
  for (const { key, other = "" } of out) {
    await alike((side) => on(side, other, key, "out"));
    faults.push({ code: "double_rental", key });
  }
  const contracts = await picked(
    `select number as key from operations.contract where site = '${site}' and number like '%3'`,
    each,
  );
  for (const [at, { key }] of contracts.entries()) {
    await alike((side) => on(side, key, `NOBODY-${at}`, "returned"));
    faults.push({ code: "orphan_member", key: `${key} NOBODY-${at}` });
  }
  const back = await picked(
    `select tag as key, contract as other from operations.contract_member where site = '${site}' and state = 'returned' and contract like '%5'`,
    each,
  );
  for (const { key, other } of back) {
    await alike(
      (side) =>
        `update ${side}.contract_member set state = 'out' where site = '${site}' and contract = '${other}' and tag = '${key}'`,
    );
    faults.push({ code: "out_without_contract", key });
  }
  const idle = await picked(
    `select tag as key from operations.item where site = '${site}' and version = 1`,
    each * 4,
  );
  for (const [at, { key }] of idle.entries()) {
    if (at < each) {
      await alike((side) => `delete from ${side}.item where site = '${site}' and tag = '${key}'`);
      faults.push({ code: "orphan_history", key });
    } else if (at < 2 * each) {
      const session = crypto.randomUUID();
      await alike(
        (side) =>
          `insert into ${side}.session_tag (site, session, tag, expected, outcome) values ('${site}', '${session}', '${key}', false, 'seen')`,
      );
      faults.push({ code: "orphan_session_tag", key: `${session} ${key}` });
    } else {
      const name = `urn:epc:id:sgtin:4012345.000001.${at % each}`;
      await sql`insert into operations.thing_name (site, name, tag) values (${site}, ${name}, ${key})`;
      if (at < 3 * each) faults.push({ code: "duplicate_tag", key: name });
    }
  }
  return faults;
};

const nameOf = ({ code, key }: Fault): string => `${code} ${key}`;

/**
 * How many audits it takes until everything is found that was made wrong on both sides alike, where rules go round in parts. None of it
 * may be found under another name alone, and nothing else may be found; which parts came later than they were due is told.
 */
export const measureFaultsInParts = async (setting: Setting, site: string): Promise<Row> => {
  const before = new Set((await openFindings(setting, site)).map(nameOf));
  const faults = await seed(setting, site);
  const foundAt = new Map<string, number>();
  const late = new Set<string>();
  const [shares, durations]: [number[], number[]] = [[], []];
  const roundOf = (share: number): number => Math.ceil(1 / share) + confirming;
  for (let audits = 1; foundAt.size < faults.length; audits += 1) {
    const { audit, part } = await auditPart(setting, site);
    shares.push(part.rules);
    durations.push(audit.durationMs);
    // A busy machine makes rules late, which says nothing of what they find, and stands beside the figure.
    for (const { what, examples } of audit.unproven ?? [])
      if (what.startsWith("rule")) for (const rule of examples) late.add(rule);
    const open = await openFindings(setting, site);
    const names = new Set(open.map(nameOf));
    for (const name of faults.map(nameOf).filter((one) => names.has(one)))
      foundAt.set(name, foundAt.get(name) ?? audits);
    const words = new Set(faults.flatMap(({ key }) => key.split(" ")));
    const odd = open.filter(({ code, key, evidence }) => {
      const said = `${key} ${JSON.stringify(evidence)}`;
      return !before.has(nameOf({ code, key })) && ![...words].some((word) => said.includes(word));
    });
    // A contract that counts otherwise than what is on it is about what was put there.
    const others = odd.filter(({ code }) => !["contract_quantity", "rule_late"].includes(code));
    if (others.length > 0) throw new Error(`nobody made this wrong: ${others.map(nameOf)}`);
    const missing = faults.map(nameOf).filter((one) => !foundAt.has(one));
    if (missing.length > 0 && audits > patience * roundOf(Math.min(...shares)))
      throw new Error(`not found after ${audits} audits: ${missing}`);
  }
  const last = Math.max(...foundAt.values());
  return {
    measurement: "audit",
    what: `audits until ${faults.length} things are found that are wrong on both sides alike, rules in parts`,
    unit: "audits",
    floor: figureOf([roundOf(Math.min(...shares))]),
    product: figureOf([last]),
    target: { text: `≤ ${auditsPerDay}: a day`, isMet: last <= auditsPerDay && late.size === 0 },
    note: `${[...new Set(faults.map(({ code }) => code))].join(", ")}, ${each} of each at random; floor = audits in which all parts had their turn, and one that confirms; an audit looks at ${(Math.min(...shares) * 100).toFixed(1)} % and takes ${figureOf(durations).median} ms (${Math.max(...durations)} at most); ${late.size === 0 ? "no rule was late" : `late: ${[...late].join(", ")}`}`,
  };
};
