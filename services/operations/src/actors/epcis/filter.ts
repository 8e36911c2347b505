import { tagsOf, thingNameOf } from "@tagwire/epc";
import {
  contractTransactionType,
  type EpcisEvent,
  type EpcisFilter,
  type LoggedEvent,
  nameOfTagwireUri,
  normaliseTag,
  placeOfUri,
} from "@tagwire/messages";
import { isLoose, meansEpc } from "./epc-match.ts";
import { meanings } from "./meaning.ts";
import type { Meaning, Shape } from "./shape.ts";

type Values = readonly string[] | undefined;

const isAmong = (wanted: Values, value: string | undefined): boolean =>
  wanted === undefined || (value !== undefined && wanted.includes(value));

const isAnyAmong = (wanted: Values, values: readonly string[]): boolean =>
  wanted === undefined || values.some((value) => wanted.includes(value));

const isAnyEpc = (wanted: Values, epcs: readonly string[]): boolean =>
  wanted === undefined || epcs.some((epc) => wanted.some((one) => meansEpc(one, epc)));

type Span = { readonly from: string | undefined; readonly before: string | undefined };

const isWithin = (at: string | undefined, { from, before }: Span): boolean => {
  if (from === undefined && before === undefined) return true;
  if (at === undefined) return false;
  const atMs = Date.parse(at);
  return (
    (from === undefined || atMs >= Date.parse(from)) && (before === undefined || atMs < Date.parse(before))
  );
};

/** One quantity of an event must keep all limits; which one does not matter. */
const isQuantity = (wanted: EpcisFilter["quantity"], event: EpcisEvent): boolean => {
  if (wanted === undefined) return true;
  const { equal, over, from, under, upTo } = wanted;
  return (event.quantityList ?? []).some(
    ({ quantity }) =>
      quantity !== undefined &&
      (equal === undefined || equal.includes(quantity)) &&
      (over === undefined || quantity > over) &&
      (from === undefined || quantity >= from) &&
      (under === undefined || quantity < under) &&
      (upTo === undefined || quantity <= upTo),
  );
};

const isExtended = (wanted: EpcisFilter["extensions"], event: EpcisEvent): boolean =>
  (wanted ?? []).every(({ name, values }) => {
    const own = Object.hasOwn(event, name) ? (event as Record<string, unknown>)[name] : undefined;
    if (own === undefined) return false;
    return values === undefined || [own].flat().some((one) => values.includes(String(one)));
  });

const isDeclared = (filter: EpcisFilter, { errorDeclaration }: EpcisEvent): boolean =>
  (filter.isDeclaredWrong === undefined || filter.isDeclaredWrong === (errorDeclaration !== undefined)) &&
  isAmong(filter.errorReasons, errorDeclaration?.reason) &&
  isAnyAmong(filter.correctiveEventIds, errorDeclaration?.correctiveEventIDs ?? []) &&
  isWithin(errorDeclaration?.declarationTime, {
    from: filter.fromDeclarationTime,
    before: filter.beforeDeclarationTime,
  });

const classesOf = ({ quantityList }: EpcisEvent): readonly string[] =>
  (quantityList ?? []).map(({ epcClass }) => epcClass);

/** Whether an exported event is one of those that are wanted. This alone decides; what is below only spares looking at others. */
export const isWanted = (event: EpcisEvent, filter: EpcisFilter): boolean =>
  isAmong(filter.eventTypes, event.type) &&
  isAmong(filter.actions, event.action) &&
  isAmong(filter.bizSteps, event.bizStep) &&
  isAmong(filter.dispositions, event.disposition) &&
  isAmong(filter.readPoints, event.readPoint?.id) &&
  isAmong(filter.readPointsWithin, event.readPoint?.id) &&
  isAmong(filter.bizLocations, event.bizLocation?.id) &&
  isAmong(filter.bizLocationsWithin, event.bizLocation?.id) &&
  isAmong(filter.eventIds, event.eventID) &&
  isAnyEpc(filter.epcs, event.epcList ?? []) &&
  isAnyEpc(filter.anyEpcs, event.epcList ?? []) &&
  isAnyAmong(filter.epcClasses, classesOf(event)) &&
  isAnyAmong(filter.anyEpcClasses, classesOf(event)) &&
  isQuantity(filter.quantity, event) &&
  (filter.transactions ?? []).every(({ type, values }) =>
    (event.bizTransactionList ?? []).some((one) => one.type === type && values.includes(one.bizTransaction)),
  ) &&
  isExtended(filter.extensions, event) &&
  isWithin(event.eventTime, { from: filter.fromEventTime, before: filter.beforeEventTime }) &&
  isWithin(event.recordTime, { from: filter.fromRecordTime, before: filter.beforeRecordTime }) &&
  isDeclared(filter, event);

/** What a row of the log needs at least to become a wanted event, in terms of its columns; undefined members do not matter. */
export type Narrowing = {
  readonly types: readonly string[];
  readonly tags: readonly string[] | undefined;
  readonly contracts: readonly string[] | undefined;
  readonly seenAt: readonly string[] | undefined;
  readonly isAt: readonly string[] | undefined;
  /** Only what was taken back, within a span of time where one is named. */
  readonly takenBack: Span | undefined;
};

type Read<T> = (value: string) => readonly T[];

/** Of filters that must all hold, the first that is named narrows. */
const named = <T>(filters: readonly Values[], read: Read<T>): readonly T[] | undefined =>
  filters.find((values) => values !== undefined)?.flatMap(read);

const listed = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name]);

/** The tags that things have had, by what GS1 calls those: a code that is printed on any domain cannot be told from its name. */
export type TagsByName = ReadonlyMap<string, readonly string[]>;

const tagsNamed = (site: string, epc: string, carried: TagsByName): readonly string[] => {
  const name = nameOfTagwireUri(site, "tag", epc);
  if (name !== undefined) return listed(normaliseTag(name));
  return [...new Set([...tagsOf(epc), ...(carried.get(thingNameOf(epc) ?? "") ?? [])])];
};

/** The names of things that a filter narrows by. */
export const namesIn = ({ epcs, anyEpcs }: EpcisFilter): readonly string[] =>
  [...(epcs ?? []), ...(anyEpcs ?? [])].flatMap((epc) => (isLoose(epc) ? [] : (thingNameOf(epc) ?? [])));

const couldSay = (shapes: readonly Shape[], filter: EpcisFilter): boolean =>
  shapes.some(
    (shape) =>
      isAmong(filter.eventTypes, shape.type) &&
      isAmong(filter.actions, shape.action) &&
      isAmong(filter.bizSteps, shape.bizStep) &&
      isAmong(filter.dispositions, shape.disposition),
  );

/** Single things have EPCs, counted goods have classes and quantities; no event has both. */
const couldBeAbout = ({ isCounted }: Meaning, filter: EpcisFilter): boolean => {
  const { epcs, anyEpcs, epcClasses, anyEpcClasses, quantity } = filter;
  return isCounted
    ? epcs === undefined && anyEpcs === undefined
    : epcClasses === undefined && anyEpcClasses === undefined && quantity === undefined;
};

/** Whether an event says what is wanted, as far as its words go; cheaper than exporting it to see. */
export const saysWanted = (event: LoggedEvent, filter: EpcisFilter): boolean => {
  const meaning = meanings.get(event.type);
  if (meaning === undefined || !couldBeAbout(meaning, filter)) return false;
  return couldSay(
    meaning.of(event).map(({ shape }) => shape),
    filter,
  );
};

const takenBackBy = (filter: EpcisFilter): Span | undefined => {
  const { isDeclaredWrong, errorReasons, correctiveEventIds, fromDeclarationTime, beforeDeclarationTime } =
    filter;
  const isAsked =
    isDeclaredWrong === true ||
    [errorReasons, correctiveEventIds, fromDeclarationTime, beforeDeclarationTime].some(
      (one) => one !== undefined,
    );
  return isAsked ? { from: fromDeclarationTime, before: beforeDeclarationTime } : undefined;
};

export const narrowingOf = (site: string, filter: EpcisFilter, carried: TagsByName): Narrowing => {
  const contracts = filter.transactions?.flatMap(({ type, values }) =>
    type === contractTransactionType
      ? values.flatMap((value) => listed(nameOfTagwireUri(site, "contract", value)))
      : [],
  );
  const epcs = [filter.epcs, filter.anyEpcs].filter((values) => values?.some(isLoose) !== true);
  const place: Read<string> = (id) => listed(placeOfUri(site, id));
  return {
    types: [...meanings].flatMap(([type, meaning]) =>
      couldSay(meaning.shapes, filter) && couldBeAbout(meaning, filter) ? [type] : [],
    ),
    tags: named(epcs, (epc) => tagsNamed(site, epc, carried)),
    contracts,
    seenAt: named([filter.readPoints, filter.readPointsWithin], place),
    isAt: named([filter.bizLocations, filter.bizLocationsWithin], place),
    takenBack: takenBackBy(filter),
  };
};
