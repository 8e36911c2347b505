import {
  ClassDefined,
  type Contract,
  ContractAmended,
  ContractClosed,
  type ContractMember,
  ContractMerged,
  type ContractMerged as ContractMergedBody,
  type ContractMove,
  ContractOpened,
  ContractReopened,
  ContractUnmerged,
  foldClass,
  foldContracts,
  foldSessions,
  type Item,
  ItemRented,
  ItemReturned,
  ItemSighted,
  ItemUndone,
  type LoggedEvent,
  LotRecorded,
  newId,
  type RentalClass,
  type Session,
  SessionBegun,
  SessionClosed,
  SessionReopened,
  SessionRestated,
  type SessionTag,
  SessionWithdrawn,
  SiteCreated,
} from "@tagwire/messages";
import type { SampleLog } from "./test-log.ts";

/*
 * The working day of a sample site, for tests: contracts, sessions and classes as operations would write them, and what the whole
 * log says of them when it is folded at once, in memory, without batches or a store.
 */

/** Something that happens to the records of a sample site. */
export type Entry =
  | { readonly kind: "open"; readonly contract: string; readonly outAt?: string; readonly dueAt?: string }
  | { readonly kind: "amend" | "close" | "reopen" | "lot"; readonly contract: string }
  | { readonly kind: "merge"; readonly contract: string; readonly into: string }
  | { readonly kind: "unmerge"; readonly contract: string }
  | {
      readonly kind: "rent";
      readonly tag: string;
      readonly contract: string;
      readonly session?: string | undefined;
    }
  | { readonly kind: "bring" | "undo" | "see"; readonly tag: string; readonly session?: string | undefined }
  | { readonly kind: "begin"; readonly session: string; readonly expected: readonly string[] }
  | { readonly kind: "withdraw"; readonly session: string; readonly expected: readonly string[] }
  | { readonly kind: "end"; readonly session: string; readonly complete: boolean | null }
  | { readonly kind: "goOn"; readonly session: string }
  | { readonly kind: "restate"; readonly session: string; readonly scans: number }
  | { readonly kind: "describe"; readonly class: string; readonly category: string };

type InSession = { readonly session?: string | undefined };

/** What a log says of contracts, sessions and classes. */
export type Records = {
  readonly contracts: Map<string, Contract>;
  readonly members: Map<string, ContractMember>;
  readonly sessions: Map<string, Session>;
  readonly tags: Map<string, SessionTag>;
  readonly classes: Map<string, RentalClass>;
};

const pair = (left: string, right: string): string => `${left} / ${right}`;

/** Folds a whole log at once. */
export const recordsOf = (events: readonly LoggedEvent[]): Records => {
  const contracts = new Map<string, Contract>();
  const members = new Map<string, ContractMember>();
  const sessions = new Map<string, Session>();
  const tags = new Map<string, SessionTag>();
  const classes = new Map<string, RentalClass>();
  for (const event of events) {
    foldContracts(
      {
        contract: (number) => contracts.get(number),
        member: (number, tag) => members.get(pair(number, tag)),
        putContract: (contract) => void contracts.set(contract.number, contract),
        putMember: (member) => void members.set(pair(member.contract, member.tag), member),
        dropMember: (number, tag) => void members.delete(pair(number, tag)),
      },
      event,
    );
    foldSessions(
      {
        session: (id) => sessions.get(id),
        tag: (id, tag) => tags.get(pair(id, tag)),
        putSession: (session) => void sessions.set(session.id, session),
        putTag: (tag) => void tags.set(pair(tag.session, tag.tag), tag),
      },
      event,
    );
    if (event.type === ClassDefined.type) {
      const defined = event.data as ClassDefined;
      classes.set(defined.class, foldClass(classes.get(defined.class), event.pos, defined));
    }
  }
  return { contracts, members, sessions, tags, classes };
};

const lines = [
  { class: "tent", quantity: 2 },
  { class: "table", quantity: 1 },
];

/** Begins a site's log as operations does, with its zone. */
export const foundSite = (log: SampleLog, timeZone: string): LoggedEvent =>
  log.write(SiteCreated.type, undefined, { name: log.site, timeZone });

const scanned = (log: SampleLog, item: Item, entry: { session?: string | undefined; contract?: string }) => ({
  at: new Date(Date.parse(log.events.at(-1)?.recordedAt ?? "2026-01-01T00:00:00Z")).toISOString(),
  about: {
    scanId: newId(),
    ...(entry.session === undefined ? {} : { session: entry.session }),
    ...(entry.contract === undefined ? {} : { contract: entry.contract }),
  },
  inSession: entry.session === undefined ? {} : { class: item.class },
});

const rent = (log: SampleLog, item: Item, entry: Extract<Entry, { kind: "rent" }>): LoggedEvent => {
  const { contract } = entry;
  const { at, about, inSession } = scanned(log, item, entry);
  const left: ContractMove[] =
    item.contract === null || item.contract === contract
      ? []
      : [{ contract: item.contract, class: item.class, to: "not_recorded", at }];
  const moves: ContractMove[] = [...left, { contract, class: item.class, to: "out", at }];
  const set = { status: "on_rent" as const, contract, lastFactAt: at };
  return log.change(item, ItemRented.type, { set, moves, ...inSession }, about);
};

const bring = (log: SampleLog, item: Item, entry: InSession): LoggedEvent => {
  if (item.contract === null) return see(log, item, entry);
  const { contract } = item;
  const { at, about, inSession } = scanned(log, item, { ...entry, contract });
  const moves: ContractMove[] = [{ contract, class: item.class, to: "returned", at }];
  const set = { status: "ready" as const, contract: null, lastFactAt: at };
  return log.change(item, ItemReturned.type, { set, moves, ...inSession }, about);
};

const undo = (log: SampleLog, item: Item, { session }: InSession): LoggedEvent => {
  const { contract } = item;
  const row = { outcome: null, type: "rental", class: item.class, seenAt: null, beside: false };
  const inSession = session === undefined ? {} : { inSession: row };
  const about = session === undefined ? {} : { session };
  if (contract === null)
    return log.change(item, ItemUndone.type, { set: { place: null }, undoes: 1, ...inSession }, about);
  const { at } = scanned(log, item, {});
  const moves: ContractMove[] = [{ contract, class: item.class, to: "none", at }];
  const set = { status: "ready" as const, contract: null };
  return log.change(item, ItemUndone.type, { set, moves, undoes: 1, ...inSession }, about);
};

const see = (log: SampleLog, item: Item, entry: InSession): LoggedEvent => {
  const { about, inSession } = scanned(log, item, entry);
  return log.change(item, ItemSighted.type, inSession, about);
};

const merge = (log: SampleLog, number: string, into: string): LoggedEvent => {
  const { contracts, members } = recordsOf(log.events);
  const contract = contracts.get(number);
  return log.write(
    ContractMerged.type,
    undefined,
    {
      into,
      kind: "rental",
      members: [...members.values()].filter((member) => member.contract === number),
      lots: contract?.lots ?? {},
      lines: contract?.lines ?? [],
    },
    { contract: number },
  );
};

/** Takes the last merge of a contract back, with its items; nothing when it is none that was merged. */
const unmerge = (log: SampleLog, number: string): LoggedEvent | undefined => {
  const { contracts } = recordsOf(log.events);
  const into = contracts.get(number)?.mergedInto;
  const merge = log.events.findLast(
    ({ type, contract }) => type === ContractMerged.type && contract === number,
  );
  const target = contracts.get(into ?? "");
  if (into == null || merge === undefined || target === undefined) return undefined;
  const { members, lots } = merge.data as ContractMergedBody;
  const { lines: own, firstOutAt, lastBackAt } = target;
  const left = { lines: own, lots: {}, members: [], firstOutAt, lastBackAt };
  const data = { undoes: merge.pos, into, state: "open", members, lots, target: left };
  return log.write(ContractUnmerged.type, undefined, data, { contract: number });
};

/** Lets something happen to the records. What does not fit, such as a tag that no item carries, is passed over. */
export const enter = (log: SampleLog, entry: Entry): LoggedEvent | undefined => {
  const item = "tag" in entry ? log.items.get(entry.tag) : undefined;
  if ("tag" in entry && item === undefined) return undefined;
  const about = "contract" in entry ? { contract: entry.contract } : {};
  const closing = { state: "closed", was: "open", flags: [] };
  switch (entry.kind) {
    case "open": {
      const { outAt = null, dueAt = null } = entry;
      const data = { kind: "rental", client: `of ${entry.contract}`, outAt, dueAt, lines };
      return log.write(ContractOpened.type, undefined, data, about);
    }
    case "amend":
      return log.write(ContractAmended.type, undefined, { set: { client: "another" }, was: {} }, about);
    case "close":
      return log.write(ContractClosed.type, undefined, closing, about);
    case "reopen":
      return log.write(ContractReopened.type, undefined, { ...closing, state: "open", was: "closed" }, about);
    case "lot":
      return log.write(
        LotRecorded.type,
        undefined,
        { name: "napkins", quantity: 12, action: "added" },
        about,
      );
    case "merge":
      return entry.contract === entry.into ? undefined : merge(log, entry.contract, entry.into);
    case "unmerge":
      return unmerge(log, entry.contract);
    case "goOn":
      return log.write(SessionReopened.type, undefined, { undoes: 1 }, { session: entry.session });
    case "begin":
      return log.write(
        SessionBegun.type,
        undefined,
        {
          ...{ mode: "count", contract: null, place: null, class: null, begunAt: "2026-01-01T00:00:00Z" },
          ...{ expected: [...entry.expected], expectedByClass: null },
        },
        { session: entry.session },
      );
    case "withdraw": {
      const data = { undoes: 1, expected: [...entry.expected] };
      return log.write(SessionWithdrawn.type, undefined, data, { session: entry.session });
    }
    case "end": {
      const set = { count: 1, digest: "0".repeat(64) };
      const { complete } = entry;
      const declared = complete === null ? null : set;
      const data = { closedAt: "2026-01-01T01:00:00Z", recorded: set, declared, complete, duplicates: 0 };
      return log.write(SessionClosed.type, undefined, data, { session: entry.session });
    }
    case "restate": {
      const recorded = { count: 1, digest: "1".repeat(64) };
      const data = { recorded, complete: true, scans: entry.scans };
      return log.write(SessionRestated.type, undefined, data, { session: entry.session });
    }
    case "describe":
      return log.write(ClassDefined.type, undefined, {
        class: entry.class,
        set: { name: `${entry.class}s`, category: entry.category },
      });
    case "rent":
      return item === undefined ? undefined : rent(log, item, entry);
    case "bring":
      return item === undefined ? undefined : bring(log, item, entry);
    case "undo":
      return item === undefined ? undefined : undo(log, item, entry);
    case "see":
      return item === undefined ? undefined : see(log, item, entry);
  }
};

const pick = <T>(from: readonly T[], at: number): T => {
  const picked = from[at % from.length];
  if (picked === undefined) throw new RangeError("nothing to pick from");
  return picked;
};

const numbers = ["1001", "1002", "L7", "M-1", "1003"] as const;
const sessionIds = [1, 2, 3].map((nth) => `01990000-0000-7000-8000-00000000000${nth}`);
const kinds = [
  "open",
  "rent",
  "rent",
  "see",
  "rent",
  "begin",
  "bring",
  "rent",
  "lot",
  "see",
  "bring",
] as const;

/** Lets `count` things happen to the records, always the same ones, to tags that {@link busyDays} knows. */
export const busyRecords = (log: SampleLog, count: number): SampleLog => {
  for (let at = 0; at < count; at += 1) {
    const contract = pick(numbers, at >> 1);
    const session = pick(sessionIds, at >> 3);
    const tag = `TAG-${(at * 13) % 40}`;
    const kind = pick(kinds, at);
    if (at % 47 === 46) enter(log, { kind: "end", session, complete: at % 2 === 0 });
    if (at % 31 === 30)
      enter(log, { kind: "describe", class: `class ${at % 5}`, category: `category ${at % 2}` });
    if (at % 61 === 60) enter(log, { kind: "merge", contract: "M-1", into: "1003" });
    if (at % 122 === 90) enter(log, { kind: "unmerge", contract: "M-1" });
    if (at % 53 === 52) enter(log, { kind: "goOn", session });
    if (at % 47 === 46) enter(log, { kind: "withdraw", session, expected: [tag, "TAG-1"] });
    if (at % 37 === 36) enter(log, { kind: "undo", tag, session });
    if (kind === "begin") enter(log, { kind, session, expected: [tag, "TAG-1"] });
    else if (kind === "open")
      enter(log, { kind, contract, outAt: "2026-01-02T09:00:00Z", dueAt: "2026-01-04T17:00:00Z" });
    else if (kind === "lot") enter(log, { kind, contract });
    else if (kind === "rent") enter(log, { kind, tag, contract, session });
    else enter(log, { kind, tag, session });
  }
  return log;
};
