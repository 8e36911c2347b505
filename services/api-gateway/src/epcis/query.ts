import {
  type EpcisFilter,
  epcisActions,
  epcisEventTypes,
  epcisPageMax,
  epcisValuesMax,
  Fault,
} from "@tagwire/messages";
import { malformedAt } from "../edge/problem.ts";

export const perPageDefault = 30;
/** More events than anybody should want counted before the first is told. */
export const maxEventCountMax = 4_000;

/** A query as the standard's SimpleEventQuery has it. */
export type EventQuery = {
  readonly filter: EpcisFilter;
  readonly order: "eventTime" | "recordTime";
  readonly descending: boolean;
  readonly perPage: number;
  readonly nextPageToken: string | undefined;
  /** No more than so many, over all pages. */
  readonly eventCountLimit: number | undefined;
  /** Refused when there are more than so many. */
  readonly maxEventCount: number | undefined;
};

const wrong = (name: string, why: string) => malformedAt(`/${name}`, `${why} (querystring)`);

/** A word of the vocabulary, however it is spelled: bare, as a link, or as the URN of EPCIS 1. */
const wordOf = (value: string): string =>
  value
    .replace(/^(https:\/\/ref\.gs1\.org\/cbv\/|cbv:)(BizStep|Disp|BTT)-/, "")
    .replace(/^urn:epcglobal:cbv:(bizstep|disp|btt):/, "");

const oneOf =
  (known: readonly string[]) =>
  (value: string, name: string): string => {
    if (!known.includes(value)) throw wrong(name, `must be of ${known.join(", ")}`);
    return value;
  };

const epc = (value: string, name: string): string => {
  if (/^urn:(epc:id|tagwire):/.test(value)) return value;
  throw wrong(name, "must be a pure identity, urn:epc:id:…, or one of our own names, urn:tagwire:…:tag:…");
};

const asIs = (value: string): string => value;

type ListMember =
  | "eventTypes"
  | "actions"
  | "bizSteps"
  | "dispositions"
  | "readPoints"
  | "bizLocations"
  | "epcs"
  | "eventIds";

/** Filters that name values, of which one must hold. */
const lists: Readonly<Record<string, { member: ListMember; read: (value: string, name: string) => string }>> =
  {
    eventType: { member: "eventTypes", read: oneOf(epcisEventTypes) },
    EQ_action: { member: "actions", read: oneOf(epcisActions) },
    EQ_bizStep: { member: "bizSteps", read: wordOf },
    EQ_disposition: { member: "dispositions", read: wordOf },
    EQ_readPoint: { member: "readPoints", read: asIs },
    EQ_bizLocation: { member: "bizLocations", read: asIs },
    EQ_eventID: { member: "eventIds", read: asIs },
    MATCH_epc: { member: "epcs", read: epc },
    MATCH_anyEPC: { member: "epcs", read: epc },
  };

/** Filters that name an instant. */
const times = {
  GE_eventTime: "fromEventTime",
  LT_eventTime: "beforeEventTime",
  GE_recordTime: "fromRecordTime",
  LT_recordTime: "beforeRecordTime",
} as const;

const transaction = "EQ_bizTransaction_";

/** What says which page of which events rather than which of them are wanted. */
const others = [
  ...["site", "perPage", "nextPageToken", "orderBy", "orderDirection"],
  ...["eventCountLimit", "maxEventCount", "EXISTS_errorDeclaration"],
];

export const queryParameters: readonly string[] = [...Object.keys(lists), ...Object.keys(times), ...others];

export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Several values stand in one parameter with bars between, as the standard has it, or in one parameter each. */
const valuesOf = (parameters: Parameters, name: string): readonly string[] => {
  const given = parameters[name];
  const values = (typeof given === "string" ? [given] : (given ?? [])).flatMap((one) => one.split("|"));
  if (values.length > epcisValuesMax) throw wrong(name, `names more than ${epcisValuesMax} values`);
  if (values.some((value) => value === "" || /[\u0000\p{Cs}]/u.test(value)))
    throw wrong(name, "must name something");
  return values;
};

const singleOf = (parameters: Parameters, name: string): string | undefined => {
  if (parameters[name] === undefined) return undefined;
  const [value, ...more] = valuesOf(parameters, name);
  if (value === undefined || more.length > 0) throw wrong(name, "must name one value");
  return value;
};

const instant = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** A plus that was not escaped has become a space on its way. */
const timeOf = (parameters: Parameters, name: string): string | undefined => {
  const value = singleOf(parameters, name)?.replace(/ (?=\d\d:\d\d$)/, "+");
  if (value === undefined) return undefined;
  if (!instant.test(value) || Number.isNaN(Date.parse(value)))
    throw wrong(name, "must be a time with its offset, as RFC 3339 writes it");
  return value;
};

const countOf = (parameters: Parameters, name: string, max: number): number | undefined => {
  const value = singleOf(parameters, name);
  if (value === undefined) return undefined;
  const count = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (count < 1 || count > max) throw wrong(name, `must be a number from 1 to ${max}`);
  return count;
};

const listsIn = (parameters: Parameters): EpcisFilter => {
  if (parameters.MATCH_epc !== undefined && parameters.MATCH_anyEPC !== undefined)
    throw wrong("MATCH_epc", "means the same as MATCH_anyEPC here: name one of them");
  return Object.fromEntries(
    Object.entries(lists).flatMap(([name, { member, read }]) =>
      parameters[name] === undefined
        ? []
        : [[member, valuesOf(parameters, name).map((value) => read(value, name))]],
    ),
  );
};

const timesIn = (parameters: Parameters): EpcisFilter =>
  Object.fromEntries(
    Object.entries(times).flatMap(([name, member]) => {
      const at = timeOf(parameters, name);
      return at === undefined ? [] : [[member, at]];
    }),
  );

const transactionsIn = (parameters: Parameters): EpcisFilter => {
  const transactions = Object.keys(parameters)
    .filter((name) => name.startsWith(transaction) && name.length > transaction.length)
    .map((name) => ({
      type: wordOf(name.slice(transaction.length)),
      values: [...valuesOf(parameters, name)],
    }));
  if (transactions.length > 8) throw wrong(transaction, "names more than 8 types");
  return transactions.length === 0 ? {} : { transactions };
};

const declaredIn = (parameters: Parameters): EpcisFilter => {
  const value = singleOf(parameters, "EXISTS_errorDeclaration");
  if (value === undefined) return {};
  if (value !== "true") throw wrong("EXISTS_errorDeclaration", "must be true, or be left out");
  return { isDeclaredWrong: true };
};

/**
 * Reads the parameters of a query. Without `orderBy` events come as they were recorded, oldest first, so that whoever reads on after
 * the last page misses nothing.
 *
 * @throws Fault `epcis_parameter_unknown` for a filter that is not held here, since leaving it out would answer another question;
 * Refusal `malformed`.
 */
export const readEventQuery = (parameters: Parameters): EventQuery => {
  for (const name of Object.keys(parameters))
    if (!queryParameters.includes(name) && !name.startsWith(transaction))
      throw new Fault("epcis_parameter_unknown", name.slice(0, 100));

  const orderBy = singleOf(parameters, "orderBy");
  const direction = singleOf(parameters, "orderDirection") ?? (orderBy === undefined ? "ASC" : "DESC");
  const eventCountLimit = countOf(parameters, "eventCountLimit", 1_000_000);
  const maxEventCount = countOf(parameters, "maxEventCount", maxEventCountMax);
  if (eventCountLimit !== undefined && maxEventCount !== undefined)
    throw wrong("maxEventCount", "cannot be asked for together with eventCountLimit");
  if (eventCountLimit !== undefined && orderBy === undefined)
    throw wrong("eventCountLimit", "needs orderBy: the first of what?");
  return {
    filter: {
      ...listsIn(parameters),
      ...timesIn(parameters),
      ...transactionsIn(parameters),
      ...declaredIn(parameters),
    },
    order: oneOf(["eventTime", "recordTime"])(orderBy ?? "recordTime", "orderBy") as EventQuery["order"],
    descending: oneOf(["ASC", "DESC"])(direction, "orderDirection") === "DESC",
    perPage: countOf(parameters, "perPage", epcisPageMax) ?? perPageDefault,
    nextPageToken: singleOf(parameters, "nextPageToken"),
    eventCountLimit,
    maxEventCount,
  };
};
