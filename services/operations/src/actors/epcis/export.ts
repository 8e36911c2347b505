import { describeTag } from "@tagwire/epc";
import {
  contractTransactionType,
  type EpcisEvent,
  type ItemChange,
  type ItemCreated,
  type LoggedEvent,
  placeUri,
  positionText,
  tagwireUri,
} from "@tagwire/messages";
import { eventTimeOf } from "./clock.ts";
import { hashIdOf } from "./hash-id.ts";
import { meanings, statusAfter } from "./meaning.ts";
import type { Shape } from "./shape.ts";

/** What is known of a site besides its log. */
export type ExportSite = { readonly id: string; readonly timeZone: string };

type Data = Partial<ItemChange> &
  Partial<ItemCreated> & { readonly quantity?: number; readonly name?: string; readonly action?: string };

const dataOf = (event: LoggedEvent): Data => event.data as Data;

/** A GS1 tag is called by its pure identity, any other by our own name for it. */
export const epcOf = (site: string, tag: string): string => {
  const identity = describeTag(tag);
  return "uri" in identity ? identity.uri : tagwireUri(site, "tag", tag);
};

/** Things in these states are at a place of ours. */
const atHand = new Set(["provisioned", "ready", "staged", "inspect", "repair", "wash", "wet"]);

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

const what = (site: ExportSite, event: LoggedEvent): Partial<EpcisEvent> => {
  const { quantity, name } = dataOf(event);
  if (event.tag !== undefined) return { epcList: [epcOf(site.id, event.tag)] };
  if (quantity === undefined || name === undefined) return {};
  return { quantityList: [{ epcClass: tagwireUri(site.id, "lot", name), quantity }] };
};

const why = (site: ExportSite, event: LoggedEvent, shape: Shape): Partial<EpcisEvent> => ({
  ...(shape.bizStep === undefined ? {} : { bizStep: shape.bizStep }),
  ...(shape.disposition === undefined ? {} : { disposition: shape.disposition }),
  ...(event.contract === undefined
    ? {}
    : {
        bizTransactionList: [
          { type: contractTransactionType, bizTransaction: tagwireUri(site.id, "contract", event.contract) },
        ],
      }),
});

/** What EPCIS has no words for, under our own prefix. No value looks like a number: an event hash would write it differently. */
const besides = (site: ExportSite, event: LoggedEvent): Partial<EpcisEvent> => {
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
  };
};

/**
 * An event of the log as an EPCIS event; undefined for one that EPCIS has no words for. `undoneBy` is the event that took it back,
 * when one did: then it carries an error declaration, and its id stays as it was.
 */
export const exportEvent = (
  site: ExportSite,
  event: LoggedEvent,
  undoneBy?: LoggedEvent,
): EpcisEvent | undefined => {
  const shape = meanings.get(event.type)?.of(event);
  if (shape === undefined) return undefined;
  const hashed = {
    type: shape.type,
    ...eventTimeOf(event, site.timeZone),
    ...what(site, event),
    action: shape.action,
    ...why(site, event, shape),
    ...where(site, event),
    ...besides(site, event),
  };
  return {
    ...(hashed as Omit<EpcisEvent, "eventID" | "recordTime">),
    eventID: hashIdOf(hashed),
    recordTime: event.recordedAt,
    ...(undoneBy === undefined ? {} : { errorDeclaration: declarationOf(site, undoneBy) }),
  };
};

/** That an event did not occur, since when that is known, and what was recorded to put it right. */
const declarationOf = (
  site: ExportSite,
  undoneBy: LoggedEvent,
): NonNullable<EpcisEvent["errorDeclaration"]> => {
  const corrective = exportEvent(site, undoneBy);
  return {
    declarationTime: undoneBy.recordedAt,
    reason: "did_not_occur",
    ...(corrective === undefined ? {} : { correctiveEventIDs: [corrective.eventID] }),
  };
};

/** The position whose event this one takes back; undefined for all others. */
export const undonePosition = ({ data }: LoggedEvent): number | undefined =>
  typeof data.undoes === "number" ? data.undoes : undefined;
