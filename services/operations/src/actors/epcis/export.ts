import { thingUriOf } from "@tagwire/epc";
import {
  contractTransactionType,
  type EpcisEvent,
  type ItemChange,
  type ItemCreated,
  type ItemStatus,
  type LoggedEvent,
  onFloorStatuses,
  placeUri,
  positionText,
  tagwireUri,
} from "@tagwire/messages";
import { eventTimeOf } from "./clock.ts";
import { hashIdOf } from "./hash-id.ts";
import { meanings } from "./meaning.ts";
import { statusAfter, type Telling } from "./shape.ts";

/** What is known of a site besides its log. */
export type ExportSite = { readonly id: string; readonly timeZone: string };

type Data = Partial<ItemChange> & Partial<ItemCreated> & { readonly action?: string };

const dataOf = (event: LoggedEvent): Data => event.data as Data;

/** A GS1 tag, a chip's or one that is printed, is called by what GS1 calls its thing; any other by our own name for it. */
export const epcOf = (site: string, tag: string): string => thingUriOf(tag) ?? tagwireUri(site, "tag", tag);

/** Things in these states are at a place of ours. */
export const atHand: ReadonlySet<ItemStatus> = new Set(onFloorStatuses);

const placeAfter = (event: LoggedEvent): string | undefined => {
  const { item, set, was } = dataOf(event);
  const status = statusAfter(event);
  if (status === undefined || !atHand.has(status)) return undefined;
  const place = item === undefined ? (set?.place === undefined ? was?.place : set.place) : item.place;
  return place ?? undefined;
};

const where = (site: ExportSite, event: LoggedEvent): Partial<EpcisEvent> => {
  const seenAt = dataOf(event).scan?.place;
  const isAt = placeAfter(event);
  return {
    ...(seenAt === undefined ? {} : { readPoint: { id: placeUri(site.id, seenAt) } }),
    ...(isAt === undefined ? {} : { bizLocation: { id: placeUri(site.id, isAt) } }),
  };
};

const what = (site: ExportSite, event: LoggedEvent, { lots }: Telling): Partial<EpcisEvent> => {
  if (lots !== undefined)
    return {
      quantityList: lots.map(({ name, quantity }) => ({
        epcClass: tagwireUri(site.id, "lot", name),
        ...(quantity === undefined ? {} : { quantity }),
      })),
    };
  return event.tag === undefined ? {} : { epcList: [epcOf(site.id, event.tag)] };
};

const why = (site: ExportSite, event: LoggedEvent, { shape, contract }: Telling): Partial<EpcisEvent> => {
  const number = contract ?? event.contract;
  return {
    ...(shape.bizStep === undefined ? {} : { bizStep: shape.bizStep }),
    ...(shape.disposition === undefined ? {} : { disposition: shape.disposition }),
    ...(number === undefined
      ? {}
      : {
          bizTransactionList: [
            { type: contractTransactionType, bizTransaction: tagwireUri(site.id, "contract", number) },
          ],
        }),
  };
};

/** What EPCIS has no words for, under our own prefix. No value looks like a number: an event hash would write it differently. */
const besides = (site: ExportSite, event: LoggedEvent, telling: Telling): Partial<EpcisEvent> => {
  const { mergedInto, mergedFrom } = telling;
  const { item, scan, outcome, code, flags = [], action } = dataOf(event);
  const status = statusAfter(event);
  const found = Object.entries(scan?.condition ?? {}).flatMap(([flag, value]) =>
    value === true ? [flag] : [],
  );
  return {
    "tagwire:position": positionText(event),
    "tagwire:event": event.type,
    ...(status === undefined ? {} : { "tagwire:status": status }),
    ...(item === undefined ? {} : { "tagwire:class": tagwireUri(site.id, "class", item.class) }),
    ...(scan === undefined ? {} : { "tagwire:scan": scan.type }),
    ...(outcome === undefined || outcome === "accepted" ? {} : { "tagwire:outcome": outcome }),
    ...(code === undefined ? {} : { "tagwire:code": code }),
    ...(flags.length === 0 ? {} : { "tagwire:flags": [...flags] }),
    ...(found.length === 0 ? {} : { "tagwire:condition": found }),
    ...(action === undefined ? {} : { "tagwire:lot": action }),
    ...(mergedInto === undefined
      ? {}
      : { "tagwire:mergedInto": tagwireUri(site.id, "contract", mergedInto) }),
    ...(mergedFrom === undefined
      ? {}
      : { "tagwire:mergedFrom": tagwireUri(site.id, "contract", mergedFrom) }),
  };
};

/**
 * An event of the log as EPCIS events: one mostly, two where a thing goes from one contract to another, none where EPCIS has no words for
 * it. `undoneBy` is the event that took it back, when one did: then each carries an error declaration, and its id stays as it was.
 */
export const exportEvents = (
  site: ExportSite,
  event: LoggedEvent,
  undoneBy?: LoggedEvent,
): readonly EpcisEvent[] => {
  const tellings = meanings.get(event.type)?.of(event) ?? [];
  if (tellings.length === 0) return [];
  const declared = undoneBy === undefined ? {} : { errorDeclaration: declarationOf(site, undoneBy) };
  return tellings.map((telling) => ({ ...tellingOf(site, event, telling), ...declared }));
};

const tellingOf = (site: ExportSite, event: LoggedEvent, telling: Telling): EpcisEvent => {
  const hashed = {
    type: telling.shape.type,
    ...eventTimeOf(event, site.timeZone),
    ...what(site, event, telling),
    action: telling.shape.action,
    ...why(site, event, telling),
    ...where(site, event),
    ...besides(site, event, telling),
  };
  return {
    ...(hashed as Omit<EpcisEvent, "eventID" | "recordTime">),
    eventID: hashIdOf(hashed),
    recordTime: event.recordedAt,
  };
};

/** That an event did not occur, since when that is known, and what was recorded to put it right. */
const declarationOf = (
  site: ExportSite,
  undoneBy: LoggedEvent,
): NonNullable<EpcisEvent["errorDeclaration"]> => {
  const corrective = exportEvents(site, undoneBy).map(({ eventID }) => eventID);
  return {
    declarationTime: undoneBy.recordedAt,
    reason: "did_not_occur",
    ...(corrective.length === 0 ? {} : { correctiveEventIDs: corrective }),
  };
};

/** The position whose event this one takes back; undefined for all others. */
export const undonePosition = ({ data }: LoggedEvent): number | undefined =>
  typeof data.undoes === "number" ? data.undoes : undefined;
