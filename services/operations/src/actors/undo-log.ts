import {
  ClassDefined,
  type ClassDefined as ClassDefinedBody,
  ContractMerged,
  type ContractMerged as ContractMergedBody,
  foldItem,
  type Item,
  type ItemChange,
  ItemCreated,
  type ItemSet,
  type LoggedEvent,
  LotRecorded,
} from "@tagwire/messages";

/*
 * What the log says once some of it was taken back: which events count, and what a thing was after those that do.
 */

/** What an undo knows of an event: all of it but what names, traces and seals it, which is half of its size. */
export type PastEvent = Omit<LoggedEvent, "id" | "site" | "traceId" | "traceparent" | "prevHash" | "hash">;

/** The position that an event takes back. */
export const undoes = (event: Pick<PastEvent, "data">): number | undefined =>
  (event.data as { undoes?: number }).undoes;

export const isTakenBack = (event: PastEvent, history: readonly PastEvent[]): boolean =>
  history.some((one) => undoes(one) === event.pos && !isTakenBack(one, history));

/**
 * Events without those that were taken back and those that took them back and were not themselves: together they are as if nothing had
 * been. What took something back that is none of these did something here. A tag that was put on a thing is there for good, whatever
 * ended it.
 */
export const effective = <T extends Pick<PastEvent, "type" | "pos" | "data">>(history: readonly T[]): T[] => {
  const beginnings = new Set(history.flatMap(({ type, pos }) => (type === ItemCreated.type ? pos : [])));
  const given = new Set(history.map(({ pos }) => pos));
  const gone = new Set<number>();
  for (const event of history.toReversed()) {
    const target = undoes(event);
    if (target === undefined || !given.has(target) || beginnings.has(target) || gone.has(event.pos)) continue;
    gone.add(event.pos);
    gone.add(target);
  }
  return history.filter(({ pos }) => !gone.has(pos));
};

export type Around = { readonly before: readonly PastEvent[]; readonly later: readonly PastEvent[] };

/**
 * What would count if an event had not been, before and after it; undefined when it was taken back already. Without one that took
 * another back, that other is there again, so an undo is undone like anything else.
 */
export const around = (event: PastEvent, history: readonly PastEvent[]): Around | undefined => {
  if (isTakenBack(event, history)) return undefined;
  const others = effective(history.filter((one) => one !== event));
  return {
    before: others.filter(({ pos }) => pos < event.pos),
    later: others.filter(({ pos }) => pos > event.pos),
  };
};

/** The members that make up a fact: who states one states all of them, and who takes one back takes back all. */
const factKeys: ReadonlySet<string> = new Set(["status", "contract"]);

export const isFactual = (set: ItemSet): boolean => Object.keys(set).some((key) => factKeys.has(key));

/**
 * What an event set, by the names of the members. A sighting that changed nothing set nothing. Who states a fact or a place
 * names only what it changed, and states the rest of it as well: it may come to stand on other ground, when what was before it is
 * taken back. A thing that was seen where it was is there, whatever brought it.
 */
export const setBy = ({ data }: PastEvent): ItemSet => {
  const { set = {}, was } = data as Partial<ItemChange>;
  if (was === undefined) return set;
  const { status, contract, place } = was;
  return {
    ...(isFactual(set) ? { status, contract } : {}),
    ...("placeAt" in set ? { place } : {}),
    ...set,
  };
};

/** What the item was after these events, each fact of them as a whole. */
export const foldWhole = (events: readonly PastEvent[]): Item | undefined =>
  events.reduce<Item | undefined>(
    (folded, event) => foldItem(folded, { ...event, data: { ...event.data, set: setBy(event) } }),
    undefined,
  );

/** The tags whose past decides whether an event can be taken back: its own, and of a merge all that it moved. */
export const tagsLookedAt = ({ type, tag, data }: Pick<PastEvent, "type" | "tag" | "data">): string[] =>
  type === ContractMerged.type
    ? (data as ContractMergedBody).members.map((member) => member.tag)
    : tag === undefined
      ? []
      : [tag];

const contractSubject = (number: string | undefined): string => `contract ${number}`;

const push = <K>(lists: Map<K, PastEvent[]>, key: K, event: PastEvent): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [event]);
  else list.push(event);
};

/** Whose past an event belongs to: an item's, a class's, a session's, or else a contract's. */
const subjectOf = ({ type, tag, session, contract, data }: PastEvent): string => {
  if (tag !== undefined) return `tag ${tag}`;
  if (type === ClassDefined.type) return `class ${(data as ClassDefinedBody).class}`;
  return type.startsWith("session.") ? `session ${session}` : contractSubject(contract);
};

/** Everything that an undo looks at, by what it is about. It grows by what the undo says. */
export type History = {
  readonly targets: readonly PastEvent[];
  readonly at: (pos: number) => PastEvent | undefined;
  /** Everything that happened to the same thing, oldest first. */
  readonly ofSame: (event: PastEvent) => readonly PastEvent[];
  readonly ofTag: (tag: string) => readonly PastEvent[];
  /** What happened to a session itself, and not in it. */
  readonly ofSession: (id: string) => readonly PastEvent[];
  /** What happened to a contract itself, and not to what is on it. */
  readonly ofContract: (number: string) => readonly PastEvent[];
  /** Of the past of a count's contract what bears on that count: no other count does, and there may be thousands of them. */
  readonly ofCount: (event: PastEvent) => readonly PastEvent[];
  readonly add: (event: PastEvent) => void;
};

const isCount = ({ type }: PastEvent): boolean => type === LotRecorded.type;

export const openHistory = (events: readonly PastEvent[], targets: ReadonlySet<number>): History => {
  const bySubject = new Map<string, PastEvent[]>();
  const byPos = new Map<number, PastEvent>();
  const byUndone = new Map<number, PastEvent[]>();
  /** What happened to a contract itself but for its counts. */
  const stepsByContract = new Map<string, PastEvent[]>();
  const add = (event: PastEvent): void => {
    const { pos, contract } = event;
    byPos.set(pos, event);
    // The lists grow in place: copied for each event, those of an undo of thousands would be copied thousands of times.
    push(bySubject, subjectOf(event), event);
    const target = undoes(event);
    if (target !== undefined) push(byUndone, target, event);
    if (contract !== undefined && subjectOf(event) === contractSubject(contract) && !isCount(event))
      push(stepsByContract, contract, event);
  };
  for (const event of events) add(event);
  const ofSubject = (subject: string): readonly PastEvent[] => bySubject.get(subject) ?? [];
  /** A count and what took it back, and that back, in either direction. */
  const chainOf = (event: PastEvent): PastEvent[] => {
    let first = event;
    for (let target = undoes(first); target !== undefined; target = undoes(first)) {
      const earlier = byPos.get(target);
      if (earlier === undefined) break;
      first = earlier;
    }
    const chain = [first];
    for (const one of chain) chain.push(...(byUndone.get(one.pos) ?? []));
    return chain;
  };
  return {
    targets: events.filter(({ pos }) => targets.has(pos)),
    at: (pos) => byPos.get(pos),
    ofSame: (event) => ofSubject(subjectOf(event)),
    ofTag: (tag) => ofSubject(`tag ${tag}`),
    ofSession: (id) => ofSubject(`session ${id}`),
    ofContract: (number) => ofSubject(contractSubject(number)),
    ofCount: (event) =>
      [...(stepsByContract.get(event.contract ?? "") ?? []), ...chainOf(event)].toSorted(
        (left, right) => left.epoch - right.epoch || left.pos - right.pos,
      ),
    add,
  };
};
