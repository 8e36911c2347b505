import { canonicalJson, chainHash, chainStart } from "@tagwire/digest";
import {
  type Contract,
  type ContractMember,
  foldContracts,
  foldItem,
  foldSessions,
  type Item,
  type ItemStatus,
  type LoggedEvent,
  type RentalClass,
  type Session,
  type SessionTag,
  SiteCreated,
} from "@tagwire/messages";
import { type Act, expectsOnFloor, tagOf } from "./actors/act.ts";
import {
  type Ground,
  type KeptReceipt,
  type KnownContract,
  type KnownSession,
  nothingKnown,
} from "./actors/known.ts";
import { addHeard, heardOf } from "./actors/session-parts.ts";
import { decideTurn, type TurnOutcome } from "./actors/site.ts";
import type { Stray, WaitingScan } from "./actors/stray.ts";
import { traceparent } from "./actors/test-acts.ts";
import { isSessionScan } from "./actors/undo-item.ts";
import type { SiteHead } from "./store/sites.ts";
import { seal } from "./store/turn.ts";

/*
 * A site in memory, for a simulated month: operations' own turns and its own chain, with maps where the owner has Postgres. What is
 * kept of contracts and sessions is put together from what the turns changed, as the store does it, and not from the log.
 */

const merge = <T>(
  into: Map<string, T>,
  changed: ReadonlyMap<string, T | null> | undefined,
): Map<string, T> => {
  for (const [key, value] of changed ?? []) {
    if (value === null) into.delete(key);
    else into.set(key, value);
  }
  return into;
};

const push = <T>(into: Map<string, T[]>, key: string, value: T): void => {
  const own = into.get(key);
  if (own === undefined) into.set(key, [value]);
  else own.push(value);
};

type HeldContract = Omit<KnownContract, "members"> & { readonly members: Map<string, ContractMember> };
type HeldSession = Omit<KnownSession, "tags"> & { readonly tags: Map<string, SessionTag> };

/** Everything of a site that its turns may ask about. */
export type SiteRows = {
  readonly items: Map<string, Item>;
  readonly receipts: Map<string, KeptReceipt>;
  readonly strays: Map<string, Stray>;
  readonly waiting: Map<string, WaitingScan[]>;
  readonly contracts: Map<string, HeldContract>;
  readonly sessions: Map<string, HeldSession>;
  readonly classes: Map<string, RentalClass>;
};

export type MonthSite = {
  readonly rows: SiteRows;
  readonly log: readonly LoggedEvent[];
  /** The tags that a session would expect if it began now. */
  readonly expectedBy: (act: Act) => readonly string[] | undefined;
  /** Decides some acts as one turn, commits it to memory, and gives what it was. */
  readonly tell: (acts: readonly Act[], nowMs: number) => TurnOutcome;
};

const floorStatuses: ReadonlySet<ItemStatus> = new Set([
  "provisioned",
  "ready",
  "staged",
  "inspect",
  "repair",
  "wash",
  "wet",
]);
const serviceStatuses: ReadonlySet<ItemStatus> = new Set(["inspect", "repair", "wash", "wet"]);

export const openMonthSite = (site: string, nowMs: number): MonthSite => {
  const rows: SiteRows = {
    items: new Map(),
    receipts: new Map(),
    strays: new Map(),
    waiting: new Map(),
    contracts: new Map(),
    sessions: new Map(),
    classes: new Map(),
  };
  const log: LoggedEvent[] = [];
  const byTag = new Map<string, LoggedEvent[]>();
  const bySession = new Map<string, LoggedEvent[]>();
  const owed = new Map<string, readonly ContractMember[]>();
  /** Which tags each device has scanned in a session, by the session, as the store tells it: from the log. */
  const heardIn = new Map<string, Map<string, Set<string>>>();
  let head: SiteHead = { epoch: 1, pos: 0, hash: chainStart, recordedAtMs: nowMs };
  let madeTags = 0;

  const keepEvents = (events: readonly LoggedEvent[]): void => {
    for (const event of events) {
      log.push(event);
      if (event.tag !== undefined) push(byTag, event.tag, event);
      if (event.session !== undefined) push(bySession, event.session, event);
      const heard = heardOf(event);
      if (heard === undefined) continue;
      const own = heardIn.get(heard.session) ?? new Map<string, Set<string>>();
      heardIn.set(heard.session, own);
      addHeard(own, heard);
    }
  };

  const keepContracts = ({ contracts, members }: TurnOutcome): void => {
    for (const [number, contract] of contracts) {
      const own = rows.contracts.get(number)?.members ?? new Map<string, ContractMember>();
      rows.contracts.set(number, { contract, members: merge(own, members.get(number)) });
    }
    for (const [number, changed] of members) {
      for (const [tag, member] of changed) {
        const others = (owed.get(tag) ?? []).filter(({ contract }) => contract !== number);
        owed.set(tag, member?.state === "not_recorded" ? [...others, member] : others);
      }
    }
  };

  const keepSessions = (outcome: TurnOutcome): void => {
    for (const id of new Set([...outcome.sessions.keys(), ...outcome.duplicates.keys()])) {
      const before = rows.sessions.get(id);
      const session = outcome.sessions.get(id) ?? before?.session;
      if (session === undefined) continue;
      const duplicates = (before?.duplicates ?? 0) + (outcome.duplicates.get(id) ?? 0);
      const tags = merge(before?.tags ?? new Map<string, SessionTag>(), outcome.sessionTags.get(id));
      rows.sessions.set(id, { session, tags, duplicates });
    }
  };

  const keepWaiting = ({ answers, quarantined, renewed, strays, items }: TurnOutcome): void => {
    const dismissed = new Set(answers.flatMap((answer) => ("dismissed" in answer ? answer.dismissed : [])));
    if (dismissed.size > 0)
      for (const [tag, own] of rows.waiting)
        rows.waiting.set(
          tag,
          own.filter(({ id }) => !dismissed.has(id)),
        );
    for (const { id, heard, tag } of quarantined) push(rows.waiting, tag, { id, heard });
    const newer = new Map(renewed.map((one) => [one.id, one]));
    if (newer.size > 0)
      for (const [tag, own] of rows.waiting)
        rows.waiting.set(
          tag,
          own.map((one) => newer.get(one.id) ?? one),
        );
    merge(rows.strays, strays);
    // Whoever has an item waits no longer.
    for (const tag of items.keys()) {
      rows.waiting.delete(tag);
      rows.strays.delete(tag);
    }
  };

  const keepReceipts = ({ receipts, released }: TurnOutcome): void => {
    merge(rows.receipts, receipts);
    for (const { id, later } of released) {
      const kept = rows.receipts.get(id);
      if (kept !== undefined) rows.receipts.set(id, { ...kept, receipt: { ...kept.receipt, later } });
    }
  };

  const groundOf = (act: Act): Ground | undefined => {
    switch (act.kind) {
      case "tags.provision":
        madeTags += act.body.quantity;
        return {
          freeTags: Array.from({ length: act.body.quantity }, (_, index) => {
            const serial = madeTags - act.body.quantity + index;
            return `FEED${String(serial).padStart(20, "0")}`;
          }),
        };
      case "events.undo": {
        const targets = (bySession.get(act.body.session ?? "") ?? []).filter(isSessionScan);
        const tags = new Set(targets.flatMap(({ tag }) => tag ?? []));
        const ofSession = (bySession.get(act.body.session ?? "") ?? []).filter(
          ({ tag }) => tag === undefined,
        );
        const history = [...ofSession, ...[...tags].flatMap((tag) => byTag.get(tag) ?? [])].sort(
          (a, b) => a.pos - b.pos,
        );
        return { history, targets: new Set(targets.map(({ pos }) => pos)) };
      }
      case "session.begin": {
        const { place, mode } = act.body;
        if (place === undefined || !expectsOnFloor(act.body)) return undefined;
        const statuses = mode === "service" ? serviceStatuses : floorStatuses;
        const here = [...rows.items.values()].filter(
          (item) => item.place === place && statuses.has(item.status),
        );
        return { expected: here.map(({ tag }) => tag).sort() };
      }
      default:
        return undefined;
    }
  };

  const commit = (outcome: TurnOutcome, atMs: number): TurnOutcome => {
    const sealed = seal(site, outcome.said, head, atMs);
    head = sealed.head;
    keepEvents(sealed.events);
    keepReceipts(outcome);
    merge(rows.items, outcome.items);
    merge(rows.classes, outcome.classes);
    keepContracts(outcome);
    keepSessions(outcome);
    keepWaiting(outcome);
    return outcome;
  };

  const began = seal(
    site,
    [
      {
        type: SiteCreated.type,
        receivedAt: new Date(nowMs).toISOString(),
        by: { person: "office" },
        traceparent,
        data: { name: site, timeZone: "UTC" },
      },
    ],
    head,
    nowMs,
  );
  head = began.head;
  keepEvents(began.events);

  return {
    rows,
    log,
    expectedBy: (act) => (act.kind === "session.begin" ? groundOf(act)?.expected : undefined),
    tell: (acts, atMs) => {
      const [first] = acts;
      const ground = first === undefined ? undefined : groundOf(first);
      const grounds = new Map(first === undefined || ground === undefined ? [] : [[first.id, ground]]);
      const tags = new Set(acts.flatMap((act) => tagOf(act) ?? []));
      const pasts = new Map([...tags].map((tag) => [tag, byTag.get(tag) ?? []] as const));
      return commit(
        decideTurn(head, { ...nothingKnown, ...rows, owed, pasts, heard: heardIn, grounds }, acts),
        atMs,
      );
    },
  };
};

/** What a log says, folded event by event as it grows, and whether its chain holds. */
export type LogReader = {
  readonly items: ReadonlyMap<string, Item>;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly members: ReadonlyMap<string, ContractMember>;
  readonly sessions: ReadonlyMap<string, Session>;
  /** By session, then by tag. */
  readonly tags: ReadonlyMap<string, ReadonlyMap<string, SessionTag>>;
  /** The position up to which it has read. */
  readonly pos: () => number;
  /** Reads what is new in the log, and gives what is wrong with its chain. */
  readonly read: (log: readonly LoggedEvent[]) => string[];
};

export const partKey = (whole: string, part: string): string => `${whole}\n${part}`;

export const openLogReader = (): LogReader => {
  const items = new Map<string, Item>();
  const contracts = new Map<string, Contract>();
  const members = new Map<string, ContractMember>();
  const sessions = new Map<string, Session>();
  const tags = new Map<string, Map<string, SessionTag>>();
  let pos = 0;
  let hash: string = chainStart;

  const fold = (event: LoggedEvent): void => {
    if (event.tag !== undefined) {
      const item = foldItem(items.get(event.tag), event);
      if (item !== undefined) items.set(event.tag, item);
    }
    foldContracts(
      {
        contract: (number) => contracts.get(number),
        member: (number, tag) => members.get(partKey(number, tag)),
        putContract: (contract) => void contracts.set(contract.number, contract),
        putMember: (member) => void members.set(partKey(member.contract, member.tag), member),
        dropMember: (number, tag) => void members.delete(partKey(number, tag)),
      },
      event,
    );
    foldSessions(
      {
        session: (id) => sessions.get(id),
        tag: (id, tag) => tags.get(id)?.get(tag),
        putSession: (session) => void sessions.set(session.id, session),
        putTag: (tag) => {
          const own = tags.get(tag.session) ?? new Map<string, SessionTag>();
          tags.set(tag.session, own.set(tag.tag, tag));
        },
      },
      event,
    );
  };

  return {
    ...{ items, contracts, members, sessions, tags },
    pos: () => pos,
    read: (log) => {
      const wrong: string[] = [];
      for (const event of log.slice(pos)) {
        const { hash: sealed, ...unsealed } = event;
        if (event.pos !== pos + 1) wrong.push(`position ${event.pos} follows ${pos}`);
        if (event.prevHash !== hash || chainHash(hash, canonicalJson(unsealed)) !== sealed)
          wrong.push(`the chain breaks at ${event.pos}`);
        pos = event.pos;
        hash = sealed;
        fold(event);
      }
      return wrong;
    },
  };
};
