import type { EpcisFilter } from "@tagwire/messages";
import type { ValueKind } from "./parameter-values.ts";

/*
 * Every parameter of the standard's SimpleEventQuery (EPCIS 2.0 §8.2.7.1, and the query schema of its REST binding), and what it means
 * here. Those that no event here could ever hold (nothing here senses, transforms or contains, nobody keeps master data) are held all
 * the same: by the standard, an event without the field does not match, so such a query finds nothing. They are refused only when they
 * are not the standard's, or when what stands in them cannot be read.
 */

type Member<T> = {
  [K in keyof EpcisFilter]-?: NonNullable<EpcisFilter[K]> extends T ? K : never;
}[keyof EpcisFilter];
export type ListMember = Extract<Member<readonly string[]>, string>;
export type TimeMember = Extract<Member<string>, string>;
export type QuantityLimit = keyof NonNullable<EpcisFilter["quantity"]>;

/** Events of a page, where it is not said how many. */
export const perPageDefault = 30;

/** By what a parameter is held. */
export type Holding =
  | { readonly by: "list"; readonly member: ListMember }
  | { readonly by: "time"; readonly member: TimeMember }
  | { readonly by: "quantity"; readonly member: QuantityLimit }
  | { readonly by: "declaration" }
  | { readonly by: "transaction" }
  | { readonly by: "extension" }
  /** No event here has such a field. */
  | { readonly by: "nothing" }
  /** It says which page of which events, rather than which events. */
  | { readonly by: "page" };

export type Parameter = {
  /** As the standard writes it; what is in `<>` is whatever the query puts there. */
  readonly name: string;
  readonly kind: ValueKind;
  readonly says: string;
  readonly holding: Holding;
};

const list = (name: string, kind: ValueKind, member: ListMember, says: string): Parameter => ({
  ...{ name, kind, says, holding: { by: "list", member } },
});
const time = (name: string, member: TimeMember, says: string): Parameter => ({
  ...{ name, kind: "time", says, holding: { by: "time", member } },
});
const quantity = (name: string, kind: ValueKind, member: QuantityLimit, says: string): Parameter => ({
  ...{ name, kind, says, holding: { by: "quantity", member } },
});
const never = (name: string, kind: ValueKind, what: string): Parameter => ({
  ...{ name, kind, says: `${what}: no event here has one`, holding: { by: "nothing" } },
});
const page = (name: string, kind: ValueKind, says: string): Parameter => ({
  ...{ name, kind, says, holding: { by: "page" } },
});

const limits = ["GT", "GE", "LT", "LE"] as const;

/** A number that may be equal to some, or within limits. */
const neverNumber = (name: string, what: string): readonly Parameter[] => [
  never(`EQ_${name}`, "numbers", what),
  ...limits.map((limit) => never(`${limit}_${name}`, "number", what)),
];

/** A member of other namespaces within some part of an event. */
const neverField = (part: string, what: string): readonly Parameter[] => [
  never(`EQ_${part}_<field>`, "texts", what),
  ...limits.map((limit) => never(`${limit}_${part}_<field>`, "number or time", what)),
  never(`EXISTS_${part}_<field>`, "presence", what),
];

const what: readonly Parameter[] = [
  list(
    "eventType",
    "types",
    "eventTypes",
    "such as ObjectEvent|TransactionEvent; a bar stands between values",
  ),
  list("EQ_action", "actions", "actions", "ADD, OBSERVE, DELETE"),
  list("EQ_bizStep", "words", "bizSteps", "a word of the CBV, bare or as a URI"),
  list("EQ_disposition", "words", "dispositions", "a word of the CBV, bare or as a URI"),
  list("MATCH_epc", "uris", "epcs", "pure identities, their patterns or Digital Links, or our own tag URIs"),
  list("MATCH_anyEPC", "uris", "anyEpcs", "the same, since no event here has EPCs but in its epcList"),
  list(
    "MATCH_epcClass",
    "uris",
    "epcClasses",
    "lots that were counted by hand, urn:tagwire:<site>:lot:<name>",
  ),
  list(
    "MATCH_anyEPCClass",
    "uris",
    "anyEpcClasses",
    "the same, since only the quantityList has classes here",
  ),
  quantity("EQ_quantity", "numbers", "equal", "one quantity of the quantityList is one of these"),
  quantity("GT_quantity", "number", "over", "one quantity of the quantityList is greater"),
  quantity("GE_quantity", "number", "from", "one quantity of the quantityList is as great"),
  quantity("LT_quantity", "number", "under", "one quantity of the quantityList is less"),
  quantity("LE_quantity", "number", "upTo", "one quantity of the quantityList is no greater"),
  list("EQ_eventID", "texts", "eventIds", "ids that were told"),
  ...neverNumber("quantity_<uom>", "a quantity with a unit"),
  never("MATCH_parentID", "uris", "a parent"),
  never("MATCH_inputEPC", "uris", "an input of a transformation"),
  never("MATCH_outputEPC", "uris", "an output of a transformation"),
  never("MATCH_inputEPCClass", "uris", "an input of a transformation"),
  never("MATCH_outputEPCClass", "uris", "an output of a transformation"),
  never("EQ_transformationID", "uris", "a transformation"),
  never("EQ_persistentDisposition_set", "words", "a persistent disposition"),
  never("EQ_persistentDisposition_unset", "words", "a persistent disposition"),
];

const whenAndWhere: readonly Parameter[] = [
  time("GE_eventTime", "fromEventTime", "from this time on"),
  time("LT_eventTime", "beforeEventTime", "before this time"),
  time("GE_recordTime", "fromRecordTime", "recorded from this time on"),
  time("LT_recordTime", "beforeRecordTime", "recorded before this time"),
  list("EQ_readPoint", "texts", "readPoints", "URI of a place"),
  list("WD_readPoint", "texts", "readPointsWithin", "URI of a place; places have no others within them here"),
  list("EQ_bizLocation", "texts", "bizLocations", "URI of a place"),
  list("WD_bizLocation", "texts", "bizLocationsWithin", "URI of a place, likewise"),
];

const why: readonly Parameter[] = [
  {
    ...{ name: "EQ_bizTransaction_<type>", kind: "texts", holding: { by: "transaction" } },
    says: "URIs of contracts, as EQ_bizTransaction_urn:tagwire:btt:contract",
  },
  never("EQ_source_<type>", "texts", "a source"),
  never("EQ_destination_<type>", "texts", "a destination"),
];

const wrong: readonly Parameter[] = [
  {
    ...{ name: "EXISTS_errorDeclaration", kind: "presence", holding: { by: "declaration" } },
    says: "true: only what was taken back",
  },
  time("GE_errorDeclarationTime", "fromDeclarationTime", "declared wrong from this time on"),
  time("LT_errorDeclarationTime", "beforeDeclarationTime", "declared wrong before this time"),
  // So these two are spelled in the query schema of the REST binding.
  time("GE_errorDeclaration_Time", "fromDeclarationTime", "the same, as the query schema spells it"),
  time("LT_errorDeclaration_Time", "beforeDeclarationTime", "the same, as the query schema spells it"),
  list("EQ_errorReason", "words", "errorReasons", "did_not_occur is the only one here"),
  list("EQ_correctiveEventID", "texts", "correctiveEventIds", "ids of what put it right"),
];

const sensed = "what a sensor said";
const sensors: readonly Parameter[] = [
  never("EXISTS_sensorElementList", "presence", sensed),
  ...["time", "startTime", "endTime"].flatMap((name) => [
    never(`GE_${name}`, "time", sensed),
    never(`LT_${name}`, "time", sensed),
  ]),
  never("EQ_type", "texts", sensed),
  ...["deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules", "microorganism"].map(
    (name) => never(`EQ_${name}`, "uris", sensed),
  ),
  ...["chemicalSubstance", "coordinateReferenceSystem", "uriValue"].map((name) =>
    never(`EQ_${name}`, "uris", sensed),
  ),
  ...["stringValue", "hexBinaryValue", "component", "exception"].map((name) =>
    never(`EQ_${name}`, "texts", sensed),
  ),
  never("EQ_booleanValue", "boolean", sensed),
  ...neverNumber("percRank", sensed),
  ...["value", "minValue", "maxValue", "meanValue", "sDev", "percValue"].flatMap((name) =>
    neverNumber(`${name}_<uom>`, sensed),
  ),
];

const attributed = "an attribute of master data";
const masterData: readonly Parameter[] = [
  never("HASATTR_<member>", "texts", attributed),
  never("EQATTR_<member>_<attribute>", "texts", attributed),
  // So it is spelled in the query schema of the REST binding.
  never("EQ_ATTR_<member>_<attribute>", "texts", attributed),
];

const parts = ["ILMD", "ERROR_DECLARATION", "SENSORELEMENT", "SENSORMETADATA", "SENSORREPORT"];
const places = ["readPoint", "bizLocation"];

/** Members of other namespaces. Ours are texts, and none holds another, so of them none is less than anything, or within one. */
const extensions: readonly Parameter[] = [
  ...parts.flatMap((part) => [
    ...neverField(`INNER_${part}`, `a member within one of ${part}`),
    ...neverField(part, `a member of ${part}`),
  ]),
  ...places.flatMap((place) => [
    ...neverField(`INNER_${place}`, `a member within one of ${place}`),
    ...neverField(place, `a member of ${place}`),
  ]),
  ...neverField("INNER", "a member within one of another namespace"),
  {
    ...{ name: "EQ_<field>", kind: "texts", holding: { by: "extension" } },
    says: "a member of our own is one of these, as EQ_tagwire:status=wash|wet",
  },
  ...limits.map((limit) =>
    never(`${limit}_<field>`, "number or time", "a number or time of another namespace"),
  ),
  {
    ...{ name: "EXISTS_<field>", kind: "presence", holding: { by: "extension" } },
    says: "a member of our own is there, as EXISTS_tagwire:flags",
  },
];

const pages: readonly Parameter[] = [
  page(
    "orderBy",
    "texts",
    "eventTime or recordTime; without it events come as they were recorded, oldest first",
  ),
  page("orderDirection", "texts", "ASC or DESC, which is what orderBy means without it"),
  page("eventCountLimit", "number", "no more than so many, over all pages; with orderBy"),
  page("maxEventCount", "number", "refuse as too_large when there are more"),
  page("perPage", "number", `events of one page, ${perPageDefault} without it`),
  page("nextPageToken", "texts", "as the Link header of the page before has it"),
];

/** In the order in which a name is looked up: the exact ones before those that hold anything. */
export const parameters: readonly Parameter[] = [
  ...[...what, ...whenAndWhere, ...why, ...wrong, ...sensors, ...masterData, ...pages],
  ...extensions,
];

const isExact = ({ name }: Parameter): boolean => !name.includes("<");

/** Those that have one name. */
export const exactParameters: readonly Parameter[] = parameters.filter(isExact);

/** What may stand in the open part of a name. A field is of a namespace: `prefix:local`, or the whole URI. */
const openParts: Readonly<Record<string, string>> = {
  type: "(?<open>.+)",
  field: "(?<open>[A-Za-z][\\w.+-]*:\\S+)",
  uom: "[A-Z0-9]{2,4}",
  member: "[A-Za-z]+",
  attribute: ".+",
};

const patternOf = ({ name }: Parameter): RegExp =>
  new RegExp(`^${name.replaceAll(/<(\w+)>/g, (_, part: string) => openParts[part] ?? "")}$`);

const exact = new Map(exactParameters.map((parameter) => [parameter.name, parameter]));
const open = parameters
  .filter((parameter) => !isExact(parameter))
  .map((parameter) => ({ parameter, pattern: patternOf(parameter) }));

export type FoundParameter = {
  readonly parameter: Parameter;
  /** The type or the field that the name has in its open part. */
  readonly open: string;
};

/** The parameter that a name means; undefined for one that is not the standard's. */
export const findParameter = (name: string): FoundParameter | undefined => {
  const known = exact.get(name);
  if (known !== undefined) return { parameter: known, open: "" };
  for (const { parameter, pattern } of open) {
    const match = pattern.exec(name);
    if (match !== null) return { parameter, open: match.groups?.open ?? "" };
  }
  return undefined;
};
