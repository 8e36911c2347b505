import { isDeepStrictEqual } from "node:util";
import {
  type Contract,
  type ContractMember,
  Fault,
  type Item,
  type LoggedEvent,
  type MemberCounts,
  memberStates,
  type Outcome,
  ScanQuarantined,
  ScanRefused,
} from "@tagwire/messages";
import type { Act } from "./actors/act.ts";
import type { TurnOutcome } from "./actors/site.ts";
import { type LogReader, type MonthSite, partKey, type SiteRows } from "./test-month-site.ts";

/*
 * What has to hold of a site at the end of every day. Each check gives what is wrong, in words; most count again, from the rows or
 * from what was handed in, what the product keeps as a running figure.
 */

type Rows<T> = ReadonlyMap<string, T>;

const differences = <T>(what: string, kept: Rows<T>, told: Rows<T>): string[] => [
  ...[...kept].flatMap(([key, value]) =>
    isDeepStrictEqual(value, told.get(key)) ? [] : [`${what} ${key} is not what the log says`],
  ),
  ...[...told.keys()].flatMap((key) => (kept.has(key) ? [] : [`${what} ${key} is in the log alone`])),
];

/** What was said of after a position: a day's part of what there is. */
const after = <T extends { readonly pos: number }>(rows: Rows<T>, sincePos: number): Map<string, T> =>
  new Map([...rows].filter(([, { pos }]) => pos > sincePos));

const sessionsOf = ({ sessions }: SiteRows, sincePos: number) =>
  [...sessions].filter(([, { session }]) => session.pos > sincePos);

/** Rows that changed after a position are the fold of the log. */
export const rowsUnlike = (rows: SiteRows, reader: LogReader, sincePos: number): string[] => {
  const contracts = [...rows.contracts.values()];
  const members = contracts.flatMap(({ contract, members: own }) =>
    [...own].map(([tag, member]) => [partKey(contract.number, tag), member] as const),
  );
  const sessions = new Map([...rows.sessions].map(([id, { session }]) => [id, session]));
  return [
    ...differences("item", after(rows.items, sincePos), after(reader.items, sincePos)),
    ...differences(
      "contract",
      new Map(contracts.map(({ contract }) => [contract.number, contract])),
      reader.contracts,
    ),
    ...differences("member", new Map(members), reader.members),
    ...differences("session", after(sessions, sincePos), after(reader.sessions, sincePos)),
    ...sessionsOf(rows, sincePos).flatMap(([id, { tags }]) =>
      differences(`tag of session ${id}`, tags, reader.tags.get(id) ?? new Map()),
    ),
  ];
};

const countKeys: Readonly<Record<ContractMember["state"], keyof MemberCounts>> = {
  staged: "staged",
  out: "out",
  returned: "returned",
  not_recorded: "notRecorded",
};

const recount = (members: Iterable<ContractMember>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { class: name, state } of members) {
    const key = partKey(name, countKeys[state]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
};

const countsOf = ({ counts }: Contract): Map<string, number> =>
  new Map(
    Object.entries(counts).flatMap(([name, own]) =>
      memberStates.flatMap((state) => {
        const count = own[countKeys[state]];
        return count === 0 ? [] : [[partKey(name, countKeys[state]), count] as const];
      }),
    ),
  );

const isOut = ({ status }: Item): boolean => status === "on_rent" || status === "delivered";

/** Progress of contracts, counted again from what is on them; and what is out on a contract is out, and nothing else. */
export const contractsMiscounted = ({ contracts, items }: SiteRows): string[] => {
  const wrong: string[] = [];
  const outOn = Map.groupBy([...items.values()].filter(isOut), ({ contract }) => contract ?? "");
  for (const [number, { contract, members }] of contracts) {
    if (!isDeepStrictEqual(countsOf(contract), recount(members.values())))
      wrong.push(`contract ${number} is miscounted`);
    const out = [...members.values()].filter(({ state }) => state === "out").map(({ tag }) => tag);
    const items = (outOn.get(number) ?? []).map(({ tag }) => tag);
    if (!isDeepStrictEqual(out.sort(), items.sort()))
      wrong.push(`contract ${number} has ${out.length} items out, and ${items.length} items are out on it`);
  }
  for (const number of outOn.keys())
    if (!contracts.has(number)) wrong.push(`items are out on ${number}, which is none`);
  return wrong;
};

/** Sessions, counted again from their tags; what was found and what is missing add up to what was expected. */
export const sessionsMiscounted = (rows: SiteRows, sincePos: number): string[] =>
  sessionsOf(rows, sincePos).flatMap(([id, { session, tags }]) => {
    const of = (outcome: string) => [...tags.values()].filter((tag) => tag.outcome === outcome);
    const seen = of("seen");
    const counted = {
      seenTags: seen.length,
      rejectedTags: of("rejected").length,
      unknownTags: of("unknown").length,
      foundTags: seen.filter(({ expected }) => expected).length,
      expectedTags: [...tags.values()].filter(({ expected }) => expected).length,
    };
    const kept = Object.fromEntries(
      Object.keys(counted).map((key) => [key, session[key as keyof typeof counted]]),
    );
    return isDeepStrictEqual(kept, counted)
      ? []
      : [`session ${id} says ${JSON.stringify(kept)} and has ${JSON.stringify(counted)}`];
  });

const noOutcomes = (): Record<Outcome, number> => ({
  accepted: 0,
  already_applied: 0,
  rejected: 0,
  quarantined: 0,
});

/** What was handed in and what became of it, written down as it happens. */
export const openLedger = () => {
  const scans = new Map<string, Outcome>();
  const outcomes = noOutcomes();
  const lots = new Map<string, number>();
  const faults = new Map<string, number>();
  const wrong: string[] = [];
  let read = 0;
  let repeats = 0;

  const noteScan = (act: Act, answer: TurnOutcome["answers"][number] | undefined): void => {
    read += 1;
    if (answer === undefined || answer instanceof Fault) {
      wrong.push(`scan ${act.id} was not answered`);
      return;
    }
    const { receipt } = answer;
    const before = scans.get(act.id);
    if (receipt.replayed !== (before !== undefined))
      wrong.push(`scan ${act.id} is ${before ?? "new"}, and was told otherwise`);
    if (before !== undefined) repeats += 1;
    if (before !== undefined && before !== receipt.outcome)
      wrong.push(`scan ${act.id} was told two outcomes`);
    if (before !== undefined) return;
    scans.set(act.id, receipt.outcome);
    outcomes[receipt.outcome] += 1;
  };

  return {
    scans,
    outcomes,
    lots,
    faults,
    /** Scans that were handed in, and of them those that had been before. */
    figures: () => ({ read, repeats, ...outcomes }),
    note: (acts: readonly Act[], { answers }: TurnOutcome): void => {
      if (answers.length !== acts.length) wrong.push(`${answers.length} answers to ${acts.length} acts`);
      for (const [index, act] of acts.entries()) {
        const answer = answers[index];
        if (act.kind === "scan") noteScan(act, answer);
        else if (answer instanceof Fault) {
          const key = `${act.kind} ${answer.code}`;
          faults.set(key, (faults.get(key) ?? 0) + 1);
        } else if (act.kind === "lot.record") {
          const { name, quantity, action } = act.body.lot;
          const key = partKey(act.body.number, name);
          lots.set(key, (lots.get(key) ?? 0) + (action === "added" ? quantity : -quantity));
        }
      }
    },
    wrong: (): string[] => {
      const answered = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
      return answered + repeats === read
        ? wrong
        : [...wrong, `${read} scans were read, ${answered + repeats} answered`];
    },
  };
};
export type Ledger = ReturnType<typeof openLedger>;

const strayTypes: ReadonlySet<string> = new Set([ScanQuarantined.type, ScanRefused.type]);

/** Every scan that was handed in has its receipt and its trace in the log, once, and the log knows of no other. */
export const scansLost = ({ log, rows }: MonthSite, ledger: Ledger): string[] => {
  const wrong: string[] = [];
  const decided = new Map<string, number>();
  const waited = new Set<string>();
  for (const { scanId, type, pos } of log) {
    if (scanId === undefined) continue;
    if (!ledger.scans.has(scanId) && pos > 0) wrong.push(`event ${pos} is of a scan that nobody made`);
    if (type === ScanQuarantined.type) waited.add(scanId);
    else decided.set(scanId, (decided.get(scanId) ?? 0) + 1);
  }
  const waiting = new Set([...rows.waiting.values()].flat().map(({ id }) => id));
  for (const [id, outcome] of ledger.scans) {
    const kept = rows.receipts.get(id)?.receipt;
    if (kept?.outcome !== outcome) wrong.push(`scan ${id} was ${outcome}, its receipt says ${kept?.outcome}`);
    const events = decided.get(id) ?? 0;
    if (events > 1) wrong.push(`scan ${id} left ${events} events`);
    if ((outcome === "accepted" || outcome === "rejected") && events !== 1)
      wrong.push(`scan ${id} was ${outcome} and left ${events} events`);
    if (outcome !== "quarantined") continue;
    if (!waited.has(id)) wrong.push(`scan ${id} waits, and the log does not say so`);
    if (waiting.has(id) === (kept?.later !== undefined))
      wrong.push(`scan ${id} ${waiting.has(id) ? "waits and was decided" : "neither waits nor was decided"}`);
  }
  return wrong;
};

/** Lots of linen, added up from what was counted. */
export const lotsMiscounted = ({ contracts }: SiteRows, { lots }: Ledger): string[] =>
  [...lots].flatMap(([key, balance]) => {
    const [number = "", name = ""] = key.split("\n");
    const lot = contracts.get(number)?.contract.lots[name];
    return lot !== undefined && lot.added - lot.removed === balance
      ? []
      : [`lot ${name} on ${number} is not ${balance}`];
  });

/** The status that each item was last given, read from the bare events. */
export const statusesUnlike = (log: readonly LoggedEvent[], { items }: SiteRows): string[] => {
  const statuses = new Map<string, string>();
  for (const { tag, type, data } of log) {
    if (tag === undefined || strayTypes.has(type)) continue;
    const { set, item } = data as { readonly set?: { status?: string }; readonly item?: { status?: string } };
    const status = set?.status ?? item?.status;
    if (status !== undefined) statuses.set(tag, status);
  }
  return [...items].flatMap(([tag, { status }]) =>
    statuses.get(tag) === status ? [] : [`item ${tag} is ${status}, its events say ${statuses.get(tag)}`],
  );
};
