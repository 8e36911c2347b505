import { isDeepStrictEqual } from "node:util";
import {
  type ClassDefined,
  type Contract,
  type ContractMember,
  foldClass,
  foldContracts,
  foldItem,
  foldSessions,
  type Item,
  isOfContract,
  type LoggedEvent,
  type Refold,
  type RentalClass,
  type Session,
  type SessionTag,
} from "@tagwire/messages";

type Fields = Readonly<Record<string, unknown>>;

/** A thing as its row says, and as its events say; either is null where there is nothing. */
export type Life = { readonly row: Fields | null; readonly folded: Fields | null };

const instantName = /At$/;

/** An instant to the millisecond; what is none stays as it is, and differs from any. */
const spelledInstant = (text: string): string => {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? text : new Date(atMs).toISOString();
};

/** Instants to the millisecond, in which the store gives them back: the log keeps the spelling of the device. */
const inOneSpelling = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOneSpelling);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => [
      name,
      instantName.test(name) && typeof own === "string" ? spelledInstant(own) : inOneSpelling(own),
    ]),
  );
};

const spelled = (fields: Fields | null): Fields | null => inOneSpelling(fields) as Fields | null;

/** Says of what both are, and in which fields they are something else. */
export const compareLife = (life: Life): Pick<Refold, "isSame" | "fields" | "row" | "folded"> => {
  const [row, folded] = [spelled(life.row), spelled(life.folded)];
  const names = new Set([...Object.keys(row ?? {}), ...Object.keys(folded ?? {})]);
  const fields = [...names].filter((name) => !isDeepStrictEqual(row?.[name], folded?.[name])).sort();
  return {
    isSame: row === null ? folded === null : folded !== null && fields.length === 0,
    fields,
    row,
    folded,
  };
};

/** Where an item stands on contracts: a field for each. */
const standing = (members: readonly ContractMember[]): Fields =>
  Object.fromEntries(
    members
      .toSorted((left, right) => (left.contract < right.contract ? -1 : 1))
      .map(({ contract, class: name, state, outAt, backAt, pos }) => [
        `on ${contract}`,
        { class: name, state, outAt, backAt, pos },
      ]),
  );

/** What a row keeps beside the whole of a contract, to be found by it: that, too, is what the log says. */
export type ContractColumns = Pick<Contract, "number" | "kind" | "state" | "client" | "version" | "pos">;

/** The same of a session. */
export type SessionColumns = Pick<Session, "id" | "mode" | "state" | "contract" | "version" | "pos"> & {
  readonly station: string | null;
  /** Rows from before it was kept take it from the whole. */
  readonly begunAt: string | null;
};

const columnsOfContract = ({ number, kind, state, client, version, pos }: Contract): ContractColumns => ({
  ...{ number, kind, state, client, version, pos },
});

const columnsOfSession = (session: Session): SessionColumns => {
  const { id, mode, state, contract, version, pos, station = null, begunAt } = session;
  return { id, mode, state, contract, version, pos, station, begunAt };
};

/** Books in memory, of whatever a few lives are about. */
const openBooks = () => {
  const contracts = new Map<string, Contract>();
  const members = new Map<string, ContractMember>();
  const nameOf = (number: string, tag: string) => JSON.stringify([number, tag]);
  return {
    contracts,
    members,
    book: {
      contract: (number: string) => contracts.get(number),
      member: (number: string, tag: string) => members.get(nameOf(number, tag)),
      putContract: (contract: Contract) => void contracts.set(contract.number, contract),
      putMember: (member: ContractMember) => void members.set(nameOf(member.contract, member.tag), member),
      dropMember: (number: string, tag: string) => void members.delete(nameOf(number, tag)),
      ownCounts: new WeakSet(),
    },
  };
};

/** Of an event that speaks of many, what it says of one of them. */
const onlyOf = (tag: string, event: LoggedEvent): LoggedEvent => {
  if (!isOfContract(event)) return event;
  const {
    members = [],
    target,
    ...rest
  } = event.data as {
    readonly members?: readonly ContractMember[];
    readonly target?: { readonly members: readonly ContractMember[] };
  };
  const own = (all: readonly ContractMember[]) => all.filter((member) => member.tag === tag);
  return {
    ...event,
    data: {
      ...rest,
      members: own(members),
      ...(target === undefined ? {} : { target: { ...target, members: own(target.members) } }),
    },
  };
};

/**
 * An item, and where it stands on contracts.
 *
 * @param life its own events, and those that made one contract of two, in the order of the log
 */
export const lifeOfItem = (
  tag: string,
  {
    item,
    members,
    life,
  }: { item: Item | undefined; members: readonly ContractMember[]; life: readonly LoggedEvent[] },
): Life => {
  const folded = life.reduce<Item | undefined>(
    (before, event) => (event.tag === tag ? foldItem(before, event) : before),
    undefined,
  );
  const books = openBooks();
  for (const event of life) foldContracts(books.book, onlyOf(tag, event));
  return {
    row: item === undefined ? null : { ...item, ...standing(members) },
    folded: folded === undefined ? null : { ...folded, ...standing([...books.members.values()]) },
  };
};

/** A contract as its row has it: the whole, and what is kept beside that. */
export type KeptContract = { readonly contract: Contract; readonly columns: ContractColumns };

/**
 * Folds the whole of some contracts, with the counts of what is on them. Every event that tells them something, or moves something on
 * them, has to come in the order of the log, also those of contracts that were merged with them; others change nothing.
 */
export const openContractFold = () => {
  const { contracts, book } = openBooks();
  return {
    fold: (event: Parameters<typeof foldContracts>[1]): void => foldContracts(book, event),
    lives: (kept: ReadonlyMap<string, KeptContract>): ReadonlyMap<string, Life> =>
      new Map(
        [...kept].map(([number, { contract, columns }]) => {
          const folded = contracts.get(number);
          return [
            number,
            {
              row: { ...contract, columns },
              folded: folded === undefined ? null : { ...folded, columns: columnsOfContract(folded) },
            },
          ];
        }),
      ),
  };
};

/** A session, and a field for each of its tags. */
export const lifeOfSession = (
  id: string,
  {
    kept,
    tags,
    life,
  }: {
    kept: { readonly session: Session; readonly columns: SessionColumns } | undefined;
    tags: readonly SessionTag[];
    life: readonly LoggedEvent[];
  },
): Life => {
  let folded: Session | undefined;
  const own = new Map<string, SessionTag>();
  const book = {
    session: () => folded,
    tag: (_: string, tag: string) => own.get(tag),
    putSession: (after: Session) => {
      folded = after;
    },
    putTag: (tag: SessionTag) => void own.set(tag.tag, tag),
    ownCounts: new WeakSet(),
  };
  for (const event of life) if (event.session === id) foldSessions(book, event);
  const tagsOf = (all: Iterable<SessionTag>) =>
    Object.fromEntries([...all].map(({ session: _, tag, ...rest }) => [`tag ${tag}`, rest]));
  const whole = (session: Session, columns: SessionColumns, all: Iterable<SessionTag>): Fields => ({
    ...session,
    columns,
    ...tagsOf(all),
  });
  return {
    row: kept === undefined ? null : whole(kept.session, kept.columns, tags),
    folded: folded === undefined ? null : whole(folded, columnsOfSession(folded), own.values()),
  };
};

/** A class as it was described. */
export const lifeOfClass = ({
  known,
  life,
}: {
  known: RentalClass | undefined;
  life: readonly LoggedEvent[];
}): Life => {
  const folded = life.reduce<RentalClass | undefined>(
    (before, { pos, data }) => foldClass(before, pos, data as ClassDefined),
    undefined,
  );
  return { row: known ?? null, folded: folded ?? null };
};
