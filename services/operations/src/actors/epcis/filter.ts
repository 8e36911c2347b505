import { tagsOf } from "@tagwire/epc";
import {
  contractTransactionType,
  type EpcisEvent,
  type EpcisFilter,
  type LoggedEvent,
  nameOfTagwireUri,
  normaliseTag,
  placeOfUri,
} from "@tagwire/messages";
import { meanings } from "./meaning.ts";
import type { Shape } from "./shape.ts";

const isAmong = (wanted: readonly string[] | undefined, value: string | undefined): boolean =>
  wanted === undefined || (value !== undefined && wanted.includes(value));

const isWithin = (at: string, from: string | undefined, before: string | undefined): boolean => {
  const atMs = Date.parse(at);
  return (
    (from === undefined || atMs >= Date.parse(from)) && (before === undefined || atMs < Date.parse(before))
  );
};

/** Whether an exported event is one of those that are wanted. This alone decides; what is below only spares looking at others. */
export const isWanted = (event: EpcisEvent, filter: EpcisFilter): boolean =>
  isAmong(filter.eventTypes, event.type) &&
  isAmong(filter.actions, event.action) &&
  isAmong(filter.bizSteps, event.bizStep) &&
  isAmong(filter.dispositions, event.disposition) &&
  isAmong(filter.readPoints, event.readPoint?.id) &&
  isAmong(filter.bizLocations, event.bizLocation?.id) &&
  isAmong(filter.eventIds, event.eventID) &&
  (filter.epcs === undefined || (event.epcList ?? []).some((epc) => filter.epcs?.includes(epc))) &&
  (filter.transactions ?? []).every(({ type, values }) =>
    (event.bizTransactionList ?? []).some((one) => one.type === type && values.includes(one.bizTransaction)),
  ) &&
  isWithin(event.eventTime, filter.fromEventTime, filter.beforeEventTime) &&
  isWithin(event.recordTime, filter.fromRecordTime, filter.beforeRecordTime) &&
  (filter.isDeclaredWrong === undefined || filter.isDeclaredWrong === (event.errorDeclaration !== undefined));

/** What a row of the log needs at least to become a wanted event, in terms of its columns; undefined members do not matter. */
export type Narrowing = {
  readonly types: readonly string[];
  readonly tags: readonly string[] | undefined;
  readonly contracts: readonly string[] | undefined;
  readonly seenAt: readonly string[] | undefined;
  readonly isAt: readonly string[] | undefined;
};

const named = <T>(
  values: readonly string[] | undefined,
  read: (value: string) => readonly T[],
): readonly T[] | undefined => values?.flatMap(read);

const listed = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name]);

const tagsNamed = (site: string, epc: string): readonly string[] => {
  const name = nameOfTagwireUri(site, "tag", epc);
  return name === undefined ? tagsOf(epc) : listed(normaliseTag(name));
};

const couldSay = (shapes: readonly Shape[], filter: EpcisFilter): boolean =>
  shapes.some(
    (shape) =>
      isAmong(filter.eventTypes, shape.type) &&
      isAmong(filter.actions, shape.action) &&
      isAmong(filter.bizSteps, shape.bizStep) &&
      isAmong(filter.dispositions, shape.disposition),
  );

/** Whether an event says what is wanted, as far as its words go; cheaper than exporting it to see. */
export const saysWanted = (event: LoggedEvent, filter: EpcisFilter): boolean => {
  const shape = meanings.get(event.type)?.of(event);
  return shape !== undefined && couldSay([shape], filter);
};

export const narrowingOf = (site: string, filter: EpcisFilter): Narrowing => {
  const contracts = filter.transactions?.flatMap(({ type, values }) =>
    type === contractTransactionType
      ? values.flatMap((value) => listed(nameOfTagwireUri(site, "contract", value)))
      : [],
  );
  return {
    types: [...meanings].flatMap(([type, { shapes }]) => (couldSay(shapes, filter) ? [type] : [])),
    tags: named(filter.epcs, (epc) => tagsNamed(site, epc)),
    contracts,
    seenAt: named(filter.readPoints, (id) => listed(placeOfUri(site, id))),
    isAt: named(filter.bizLocations, (id) => listed(placeOfUri(site, id))),
  };
};
