import Type, { type Static } from "typebox";
import { ClientId, Instant, SiteId, storableText } from "./ids.ts";

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
        description:
          "the pure identity of a GS1 tag, or its canonical Digital Link where it has none, else urn:tagwire:<site>:tag:<name>",
      }),
    ),
    quantityList: Type.Optional(
      Type.Array(
        Type.Object({
          epcClass: Type.String(),
          quantity: Type.Optional(Type.Number({ description: "left out where it is not said how many" })),
        }),
        { description: "goods without tags, urn:tagwire:<site>:lot:<name>" },
      ),
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
    "tagwire:lot": Type.Optional(Type.String({ description: "added or removed, as ADD and DELETE say it" })),
    "tagwire:mergedInto": Type.Optional(
      Type.String({ description: "the contract that takes it, where a merge ends this one" }),
    ),
    "tagwire:mergedFrom": Type.Optional(
      Type.String({ description: "the contract that it was on, where a merge begins this one" }),
    ),
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

/** Transaction types, or members of our own, that one filter may name. */
export const epcisKindsMax = 8;

/**
 * What events are wanted: every filter must hold, by any one of its values. An EPC is a name, a pattern (`urn:epc:idpat:`) or a Digital
 * Link. Read points and locations are said twice, since a query may ask for a place and for what lies within another.
 */
export const EpcisFilter = Type.Object({
  eventTypes: values,
  actions: values,
  bizSteps: values,
  dispositions: values,
  readPoints: values,
  readPointsWithin: values,
  bizLocations: values,
  bizLocationsWithin: values,
  epcs: values,
  anyEpcs: values,
  epcClasses: values,
  anyEpcClasses: values,
  quantity: Type.Optional(
    Type.Object({
      equal: Type.Optional(Type.Array(Type.Number(), { minItems: 1, maxItems: epcisValuesMax })),
      over: Type.Optional(Type.Number()),
      from: Type.Optional(Type.Number()),
      under: Type.Optional(Type.Number()),
      upTo: Type.Optional(Type.Number()),
    }),
  ),
  eventIds: values,
  transactions: Type.Optional(
    Type.Array(
      Type.Object({ type: Type.String(), values: Type.Array(Type.String(), { maxItems: epcisValuesMax }) }),
      { maxItems: epcisKindsMax },
    ),
  ),
  extensions: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String({ maxLength: 100, description: "a member of our own, such as tagwire:status" }),
        values,
      }),
      { maxItems: epcisKindsMax, description: "without values it need only be there" },
    ),
  ),
  fromEventTime: Type.Optional(Instant),
  beforeEventTime: Type.Optional(Instant),
  fromRecordTime: Type.Optional(Instant),
  beforeRecordTime: Type.Optional(Instant),
  isDeclaredWrong: Type.Optional(Type.Boolean()),
  fromDeclarationTime: Type.Optional(Instant),
  beforeDeclarationTime: Type.Optional(Instant),
  errorReasons: values,
  correctiveEventIds: values,
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

/** Pure identities or Digital Links in one question: each takes a third of a millisecond or so to be worked out. */
export const epcsPerQuestionMax = 250;

/** The tags by which items with these pure identities or Digital Links are known; those that nobody or more than one item has are left out. */
export const AskEpcTags = {
  service: "operations",
  name: "epc-tags",
  question: Type.Object({
    site: SiteId,
    epcs: Type.Array(Type.String({ maxLength: 256 }), { maxItems: epcsPerQuestionMax }),
  }),
  answer: Type.Object({ tags: Type.Record(Type.String(), Type.String()) }),
} as const;

/** Scans in one question. */
export const scanTagsMax = 1_000;

/** The tags that scans were of, by their ids; those that nobody has heard of are left out. */
export const AskScanTags = {
  service: "operations",
  name: "scan-tags",
  question: Type.Object({ site: SiteId, ids: Type.Array(ClientId, { maxItems: scanTagsMax }) }),
  answer: Type.Object({ tags: Type.Record(Type.String(), Type.String()) }),
} as const;

/** What events can be asked for by, one value at a time: the top-level resources of the standard's REST binding (EPCIS 2.0 §12). */
export const epcisResources = [
  "eventTypes",
  "epcs",
  "bizSteps",
  "bizLocations",
  "readPoints",
  "dispositions",
] as const;
export type EpcisResource = (typeof epcisResources)[number];

/**
 * The values that events of a site have there, in an order of their own. Steps, dispositions and types are those that the export knows
 * of; EPCs are those of the site's items; places are those that the log names. `next` is where to go on, null at the end: as with events, an
 * answer may hold fewer than were asked for and still have a next one.
 */
export const AskEpcisValues = {
  service: "operations",
  name: "epcis-values",
  question: Type.Object({
    site: SiteId,
    resource: Type.Enum(epcisResources),
    limit: Type.Integer({ minimum: 1, maximum: epcisPageMax }),
    after: nullable(Type.String({ maxLength: 1_024, pattern: storableText })),
  }),
  answer: Type.Object({ values: Type.Array(Type.String()), next: nullable(Type.String()) }),
} as const;
