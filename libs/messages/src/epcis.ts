import Type, { type Static } from "typebox";
import { Instant, SiteId, storableText } from "./ids.ts";

/* What is said of EPCIS 2.0 and its Core Business Vocabulary; names and shapes are the standard's (JSON binding). */

export const epcisContextUri = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
/** Members of our own begin with `tagwire:`, which stands for this. */
export const epcisNamespace = "urn:tagwire:epcis:";
export const epcisContext = [epcisContextUri, { tagwire: epcisNamespace }] as const;

export const epcisEventTypes = [
  "ObjectEvent",
  "AggregationEvent",
  "TransactionEvent",
  "TransformationEvent",
  "AssociationEvent",
] as const;
export type EpcisEventType = (typeof epcisEventTypes)[number];

export const epcisActions = ["ADD", "OBSERVE", "DELETE"] as const;
export type EpcisAction = (typeof epcisActions)[number];

const uri = (description: string) => Type.String({ description });
const Located = (description: string) => Type.Object({ id: uri(description) });

/** An event as it is exported. */
export const EpcisEvent = Type.Object(
  {
    "@context": Type.Optional(Type.Unknown({ description: "of an event that stands alone" })),
    type: Type.Enum(epcisEventTypes),
    eventID: uri("event hash id of CBV 2.0 §8.9: ni:///sha-256;…?ver=CBV2.0"),
    eventTime: Type.String({ description: "when it happened, with the offset of the place it happened at" }),
    eventTimeZoneOffset: Type.String({ pattern: "^[+-]\\d\\d:\\d\\d$" }),
    recordTime: Instant,
    errorDeclaration: Type.Optional(
      Type.Object({
        declarationTime: Instant,
        reason: Type.String(),
        correctiveEventIDs: Type.Optional(Type.Array(Type.String())),
      }),
    ),
    epcList: Type.Optional(
      Type.Array(Type.String(), {
        description: "the pure identity of a GS1 tag, else urn:tagwire:<site>:tag:<name>",
      }),
    ),
    quantityList: Type.Optional(
      Type.Array(Type.Object({ epcClass: Type.String(), quantity: Type.Number() })),
    ),
    action: Type.Enum(epcisActions),
    bizStep: Type.Optional(Type.String()),
    disposition: Type.Optional(Type.String()),
    readPoint: Type.Optional(Located("where it was seen")),
    bizLocation: Type.Optional(Located("where it is afterwards")),
    bizTransactionList: Type.Optional(
      Type.Array(Type.Object({ type: Type.Optional(Type.String()), bizTransaction: Type.String() })),
    ),
    "tagwire:position": Type.String({ description: "epoch:pos in the site's log" }),
    "tagwire:event": Type.String({ description: "the log's own type, such as item.rented.v1" }),
    "tagwire:status": Type.Optional(Type.String({ description: "status of the item afterwards" })),
    "tagwire:class": Type.Optional(Type.String({ description: "rental class of a commissioned item" })),
    "tagwire:scan": Type.Optional(Type.String({ description: "the kind of scan" })),
    "tagwire:outcome": Type.Optional(
      Type.String({ description: "where it is not accepted: the sighting changed nothing" }),
    ),
    "tagwire:code": Type.Optional(Type.String()),
    "tagwire:flags": Type.Optional(Type.Array(Type.String())),
    "tagwire:condition": Type.Optional(Type.Array(Type.String())),
    "tagwire:lot": Type.Optional(Type.String({ description: "added or removed" })),
  },
  { description: "EPCIS 2.0 event" },
);
export type EpcisEvent = Static<typeof EpcisEvent>;

/** The kind of business transaction that a contract is; the CBV has none for renting. */
export const contractTransactionType = "urn:tagwire:btt:contract";

export const epcisPageMax = 500;
/** Values that one filter may name. */
export const epcisValuesMax = 100;

const values = Type.Optional(
  Type.Array(Type.String({ maxLength: 1_024, pattern: storableText }), {
    minItems: 1,
    maxItems: epcisValuesMax,
  }),
);

/** What events are wanted: every filter must hold, by any one of its values. */
export const EpcisFilter = Type.Object({
  eventTypes: values,
  actions: values,
  bizSteps: values,
  dispositions: values,
  readPoints: values,
  bizLocations: values,
  epcs: values,
  eventIds: values,
  transactions: Type.Optional(
    Type.Array(
      Type.Object({ type: Type.String(), values: Type.Array(Type.String(), { maxItems: epcisValuesMax }) }),
      {
        maxItems: 8,
      },
    ),
  ),
  fromEventTime: Type.Optional(Instant),
  beforeEventTime: Type.Optional(Instant),
  fromRecordTime: Type.Optional(Instant),
  beforeRecordTime: Type.Optional(Instant),
  isDeclaredWrong: Type.Optional(Type.Boolean()),
});
export type EpcisFilter = Static<typeof EpcisFilter>;

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * A page of a site's log as EPCIS events. `next` is where to go on, null at the end; a page may hold fewer than were asked for, even
 * none, and still have a next one, since each answer looks at a bounded part of the log.
 */
export const AskEpcisEvents = {
  service: "operations",
  name: "epcis-events",
  question: Type.Object({
    site: SiteId,
    filter: EpcisFilter,
    order: Type.Enum(["eventTime", "recordTime"] as const),
    descending: Type.Boolean(),
    limit: Type.Integer({ minimum: 1, maximum: epcisPageMax }),
    after: nullable(Type.String({ maxLength: 100 })),
  }),
  answer: Type.Object({ events: Type.Array(EpcisEvent), next: nullable(Type.String()) }),
} as const;

/** One event by the id that it was given out under. */
export const AskEpcisEvent = {
  service: "operations",
  name: "epcis-event",
  question: Type.Object({ site: SiteId, eventId: Type.String({ maxLength: 200 }) }),
  answer: Type.Object({ event: nullable(EpcisEvent) }),
} as const;

/** Pure identities in one question: each takes a tenth of a millisecond or so to be worked out. */
export const epcsPerQuestionMax = 250;

/** The tags by which items with these pure identities are known; those that nobody or more than one item has are left out. */
export const AskEpcTags = {
  service: "operations",
  name: "epc-tags",
  question: Type.Object({
    site: SiteId,
    epcs: Type.Array(Type.String({ maxLength: 256 }), { maxItems: epcsPerQuestionMax }),
  }),
  answer: Type.Object({ tags: Type.Record(Type.String(), Type.String()) }),
} as const;
