import { digitalLinkOf, tagsOf } from "@tagwire/epc";

/*
 * What the standard asks of an EPCIS 2.0 document beyond GS1's JSON schema, written by hand from EPCIS 2.0 and CBV 2.0 so that it
 * judges the exporter rather than repeats it.
 */

const bizSteps = new Set(
  (
    "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting decommissioning " +
    "departing destroying disassembling dispensing encoding entering_exiting holding inspecting installing killing loading " +
    "packing picking receiving removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting " +
    "shipping staging_outbound stock_taking stocking storing transporting unloading unpacking void_shipping"
  ).split(" "),
);
const dispositions = new Set(
  (
    "active available completeness_inferred completeness_verified conformant container_closed container_open damaged destroyed " +
    "dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity " +
    "needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold " +
    "returned sellable_accessible sellable_not_accessible stolen unavailable unknown"
  ).split(" "),
);
const transactionTypes = new Set(
  "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt".split(" "),
);

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ownUri = /^urn:tagwire:[a-z0-9-]{1,32}:(tag|place|contract|class|lot):([\w.~-]|%[0-9A-F]{2})+$/;
const sgln = /^urn:epc:id:sgln:[\d.]{13}\..+$/;
const eventId = /^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/;

/** Members that an event has of the standard itself; everything else is of a namespace. */
const standardMembers = new Set(
  (
    "@context type eventID eventTime eventTimeZoneOffset recordTime errorDeclaration certificationInfo epcList quantityList " +
    "parentID childEPCs childQuantityList action bizStep disposition persistentDisposition readPoint bizLocation " +
    "bizTransactionList sourceList destinationList sensorElementList ilmd"
  ).split(" "),
);

type Loose = { readonly [name: string]: unknown };
export type EpcisDocument = Loose & { readonly "@context"?: unknown };

const prefixesOf = (context: unknown): ReadonlySet<string> =>
  new Set(
    (Array.isArray(context) ? context : [context]).flatMap((part: unknown) =>
      typeof part === "object" && part !== null ? Object.keys(part) : [],
    ),
  );

const isEpc = (uri: unknown): boolean => {
  if (typeof uri !== "string") return false;
  if (uri.startsWith("urn:epc:id:")) return tagsOf(uri).length > 0;
  if (uri.startsWith("https://id.gs1.org/")) return digitalLinkOf(uri) === uri;
  return ownUri.test(uri) && uri.includes(":tag:");
};

const isPlace = (uri: unknown): boolean =>
  typeof uri === "string" && (sgln.test(uri) || (ownUri.test(uri) && uri.includes(":place:")));

const eventOffences = (event: Loose, prefixes: ReadonlySet<string>): string[] => {
  const offences: string[] = [];
  const must = (holds: boolean, what: string) => {
    if (!holds) offences.push(what);
  };
  for (const name of Object.keys(event))
    must(
      standardMembers.has(name) || prefixes.has(name.split(":", 1)[0] ?? ""),
      `the prefix of ${name} is not declared`,
    );
  for (const name of ["eventTime", "recordTime"])
    must(time.test(String(event[name])), `${name} is no RFC 3339 time`);
  must(
    String(event.eventTime).endsWith(String(event.eventTimeZoneOffset)),
    "eventTime is told in another offset than eventTimeZoneOffset",
  );
  must(eventId.test(String(event.eventID)), `eventID ${String(event.eventID)}`);
  for (const epc of (event.epcList as unknown[] | undefined) ?? []) must(isEpc(epc), `epc ${String(epc)}`);
  must(
    event.bizStep === undefined || bizSteps.has(String(event.bizStep)),
    `bizStep ${String(event.bizStep)}`,
  );
  must(
    event.disposition === undefined || dispositions.has(String(event.disposition)),
    `disposition ${String(event.disposition)}`,
  );
  for (const name of ["readPoint", "bizLocation"]) {
    const place = event[name] as { id?: unknown } | undefined;
    must(place === undefined || isPlace(place.id), `${name} ${String(place?.id)}`);
  }
  const transactions = (event.bizTransactionList ?? []) as readonly {
    type: string;
    bizTransaction: string;
  }[];
  for (const { type, bizTransaction } of transactions) {
    must(transactionTypes.has(type) || /^urn:tagwire:btt:[a-z]+$/.test(type), `transaction type ${type}`);
    must(ownUri.test(bizTransaction), `transaction ${bizTransaction}`);
  }
  const declaration = event.errorDeclaration as Loose | undefined;
  if (declaration !== undefined) {
    must(time.test(String(declaration.declarationTime)), "declarationTime is no RFC 3339 time");
    for (const id of (declaration.correctiveEventIDs as unknown[] | undefined) ?? [])
      must(eventId.test(String(id)), `correctiveEventID ${String(id)}`);
  }
  return offences;
};

/** Everything that is wrong with the events of a document or of a query document, or with an event that stands alone. */
export const epcisOffences = (document: EpcisDocument): readonly string[] => {
  const body = document.epcisBody as
    | { eventList?: Loose[]; queryResults?: { resultsBody: { eventList: Loose[] } } }
    | undefined;
  const events = body?.eventList ?? body?.queryResults?.resultsBody.eventList ?? [document];
  const prefixes = prefixesOf(document["@context"]);
  const ids = events.map(({ eventID }) => eventID);
  return [
    ...events.flatMap((event) => eventOffences(event, prefixes)),
    ...(new Set(ids).size === ids.length ? [] : ["two events have one id"]),
  ];
};
