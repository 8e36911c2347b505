import { type EpcisFilter, epcisKindsMax, epcisNamespace, epcisPageMax, Fault } from "@tagwire/messages";
import {
  countOf,
  oneOf,
  type Parameters,
  readValues,
  singleOf,
  wordOf,
  wrongParameter,
} from "./parameter-values.ts";
import {
  findParameter,
  type Holding,
  type ListMember,
  perPageDefault,
  type QuantityLimit,
  type TimeMember,
} from "./parameters.ts";

/** More events than anybody should want counted before the first is told. */
export const maxEventCountMax = 4_000;
/** More events than anybody reads page by page. */
const eventCountLimitMax = 1_000_000;

/** A query as the standard's SimpleEventQuery has it. */
export type EventQuery = {
  readonly filter: EpcisFilter;
  /** It asks for something that no event here has, so it finds none. */
  readonly isVain: boolean;
  readonly order: "eventTime" | "recordTime";
  readonly descending: boolean;
  readonly perPage: number;
  readonly nextPageToken: string | undefined;
  /** No more than so many, over all pages. */
  readonly eventCountLimit: number | undefined;
  /** Refused when there are more than so many. */
  readonly maxEventCount: number | undefined;
};

/** A parameter as it was named, with its values. */
type Asked = {
  readonly name: string;
  readonly holding: Holding;
  readonly open: string;
  readonly values: readonly string[];
};

/** What says which site is meant is ours, not the standard's. */
const ours = ["site"];

const askedIn = (parameters: Parameters): readonly Asked[] =>
  Object.keys(parameters).flatMap((name) => {
    if (ours.includes(name) || parameters[name] === undefined) return [];
    const found = findParameter(name);
    if (found === undefined) throw new Fault("epcis_parameter_unknown", name.slice(0, 100));
    const { parameter, open } = found;
    const { holding, kind } = parameter;
    // How a page is asked for has bounds of its own.
    const values = holding.by === "page" ? [] : readValues(parameters, name, kind);
    return [{ name, holding, open, values }];
  });

/** A member of ours as events have it, under our prefix or by its whole name; undefined for one of somebody else's. */
const memberNamed = (field: string): string | undefined => {
  if (field.startsWith("tagwire:")) return field;
  if (!field.startsWith(epcisNamespace)) return undefined;
  return `tagwire:${field.slice(epcisNamespace.length).replace(/^#/, "")}`;
};

/** Two spellings of one parameter cannot both be meant. */
const once = <T>(known: T | undefined, name: string): void => {
  if (known !== undefined) throw wrongParameter(name, "was named in another spelling, too");
};

type Draft = {
  readonly lists: Partial<Record<ListMember, readonly string[]>>;
  readonly times: Partial<Record<TimeMember, string>>;
  readonly limits: Partial<Record<QuantityLimit, number | number[]>>;
  readonly transactions: { type: string; values: string[] }[];
  readonly extensions: { name: string; values?: string[] }[];
  isDeclaredWrong: boolean;
  isVain: boolean;
};

/** Adds to the filter what one parameter asks for. */
const hold = (draft: Draft, { name, holding, open, values }: Asked): void => {
  const [first = ""] = values;
  switch (holding.by) {
    case "list":
      draft.lists[holding.member] = values;
      return;
    case "time":
      once(draft.times[holding.member], name);
      draft.times[holding.member] = first;
      return;
    case "quantity":
      draft.limits[holding.member] = holding.member === "equal" ? values.map(Number) : Number(first);
      return;
    case "declaration":
      draft.isDeclaredWrong = true;
      return;
    case "transaction":
      draft.transactions.push({ type: wordOf(open), values: [...values] });
      return;
    case "extension": {
      const member = memberNamed(open);
      if (member === undefined || member.length > 100) draft.isVain = true;
      else draft.extensions.push({ name: member, ...(values.length === 0 ? {} : { values: [...values] }) });
      return;
    }
    case "nothing":
      draft.isVain = true;
      return;
    case "page":
      return;
  }
};

const few = <T>(given: readonly T[], name: string): readonly T[] => {
  if (given.length > epcisKindsMax) throw wrongParameter(name, `names more than ${epcisKindsMax}`);
  return given;
};

const filterOf = (asked: readonly Asked[]): Pick<EventQuery, "filter" | "isVain"> => {
  const draft: Draft = {
    ...{ lists: {}, times: {}, limits: {}, transactions: [], extensions: [] },
    ...{ isDeclaredWrong: false, isVain: false },
  };
  for (const one of asked) hold(draft, one);
  const { lists, times, limits, isDeclaredWrong, isVain } = draft;
  const transactions = few(draft.transactions, "EQ_bizTransaction_");
  const extensions = few(draft.extensions, "EQ_");
  const filter = {
    ...lists,
    ...times,
    ...(Object.keys(limits).length === 0 ? {} : { quantity: limits }),
    ...(transactions.length === 0 ? {} : { transactions }),
    ...(extensions.length === 0 ? {} : { extensions }),
    ...(isDeclaredWrong ? { isDeclaredWrong } : {}),
  };
  return { filter: filter as EpcisFilter, isVain };
};

/**
 * Reads the parameters of a query. Without `orderBy` events come as they were recorded, oldest first, so that whoever reads on after
 * the last page misses nothing.
 *
 * @throws Fault `epcis_parameter_unknown` for a parameter that the standard has not, since leaving it out would answer another
 * question; Refusal `malformed`.
 */
export const readEventQuery = (parameters: Parameters): EventQuery => {
  const asked = askedIn(parameters);
  const orderBy = singleOf(parameters, "orderBy");
  const direction = singleOf(parameters, "orderDirection") ?? (orderBy === undefined ? "ASC" : "DESC");
  const eventCountLimit = countOf(parameters, "eventCountLimit", eventCountLimitMax);
  const maxEventCount = countOf(parameters, "maxEventCount", maxEventCountMax);
  if (eventCountLimit !== undefined && maxEventCount !== undefined)
    throw wrongParameter("maxEventCount", "cannot be asked for together with eventCountLimit");
  if (eventCountLimit !== undefined && orderBy === undefined)
    throw wrongParameter("eventCountLimit", "needs orderBy: the first of what?");
  return {
    ...filterOf(asked),
    order: oneOf(["eventTime", "recordTime"])(orderBy ?? "recordTime", "orderBy") as EventQuery["order"],
    descending: oneOf(["ASC", "DESC"])(direction, "orderDirection") === "DESC",
    perPage: countOf(parameters, "perPage", epcisPageMax) ?? perPageDefault,
    nextPageToken: singleOf(parameters, "nextPageToken"),
    eventCountLimit,
    maxEventCount,
  };
};
