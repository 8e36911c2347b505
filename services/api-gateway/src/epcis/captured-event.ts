import { canonicalJson } from "@tagwire/digest";
import { digitalLinkOf, encodeEpc, thingNameOf } from "@tagwire/epc";
import {
  ContractNumber,
  contractTransactionType,
  type FaultCode,
  Instant,
  nameOfTagwireUri,
  PlaceName,
  placeOfUri,
  type ScanType,
} from "@tagwire/messages";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { Check } from "typebox/value";

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: "^[^\\u0000\\p{Cs}]*$" });

/** What is taken from an event: what was seen, when, where and why. */
const Observed = Type.Object({
  type: Type.Literal("ObjectEvent"),
  action: Type.Literal("OBSERVE"),
  eventTime: Instant,
  eventTimeZoneOffset: Type.String({ pattern: "^[+-]((0\\d|1[0-3]):[0-5]\\d|14:00)$" }),
  eventID: Type.Optional(Text(200)),
  epcList: Type.Array(Text(1_024), { minItems: 1 }),
  bizStep: Type.Optional(Text(200)),
  disposition: Type.Optional(Text(200)),
  readPoint: Type.Optional(Type.Object({ id: Text(1_024) })),
  bizTransactionList: Type.Optional(
    Type.Array(Type.Object({ type: Type.Optional(Text(200)), bizTransaction: Text(1_024) })),
  ),
});
type Observed = Static<typeof Observed>;
const check = Compile(Observed);

/** Why an event, or one of its EPCs, did not become a scan. `pointer` is RFC 6901 within the event. */
export type CaptureRefusal = { readonly code: FaultCode; readonly detail: string; readonly pointer: string };

/** An identity by which the tag of an item has to be found, or a tag as it is: of a thing that carries another one, that one is meant. */
export type Sought = {
  readonly epc: string;
  readonly tag: string | undefined;
  /** What the thing is called; undefined for a tag that names nothing but itself. */
  readonly thing: string | undefined;
};

/** What the scans of one event have in common, and what they are of. */
export type Capture = {
  /** What makes the ids of its scans: a repeat of the event has the same. */
  readonly key: string;
  readonly type: ScanType;
  readonly scannedAt: string;
  readonly place: string | undefined;
  readonly contract: string | undefined;
  readonly notes: string;
  readonly sought: readonly Sought[];
};

const refused = (code: FaultCode, detail: string, pointer = ""): CaptureRefusal => ({
  code,
  detail,
  pointer,
});
const malformed = (detail: string, pointer: string) => refused("epcis_event_malformed", detail, pointer);

const isMember = (event: object, name: string): boolean => {
  const value = (event as Record<string, unknown>)[name];
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
};

/** What says more than that things were seen; a scan of them would change what was said. */
const unsupportedIn = (event: Record<string, unknown>): CaptureRefusal | undefined => {
  if (event.type !== "ObjectEvent") return refused("epcis_event_unsupported", "not an ObjectEvent", "/type");
  if (event.action !== "OBSERVE") return refused("epcis_event_unsupported", "not OBSERVE", "/action");
  const other = ["quantityList", "sensorElementList", "errorDeclaration"].find((name) =>
    isMember(event, name),
  );
  return other === undefined
    ? undefined
    : refused("epcis_event_unsupported", `${other} is not taken`, `/${other}`);
};

const counting = /(^|:|-)stock_taking$/;

const localTime = ({ eventTime, eventTimeZoneOffset: offset }: Observed): string => {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  const shiftMs = (offset.startsWith("-") ? -minutes : minutes) * 60_000;
  return new Date(Date.parse(eventTime) + shiftMs).toISOString().replace("Z", offset);
};

/** Whatever else a Digital Link says, on whichever domain: the canonical one of the thing is asked for. */
const webUri = /^https?:/;
const nameLengthMax = 256;
const tagUri = /^urn:epc:tag:/;
const rawUri = /^urn:epc:raw:\d{1,4}\.x([0-9A-Fa-f]{1,256})$/;

const thingOf = (name: string | null): string | undefined =>
  name === null || name.length > nameLengthMax ? undefined : name;

const bitsIn = (epc: string): string | undefined => {
  const raw = rawUri.exec(epc)?.[1];
  if (raw !== undefined || !tagUri.test(epc)) return raw;
  try {
    return encodeEpc(epc);
  } catch {
    return undefined;
  }
};

/** A tag of ours or of GS1's by its own name, or an identity that items are looked through for; undefined for anything else. */
const soughtIn = (site: string, epc: string): Sought | undefined => {
  const own = nameOfTagwireUri(site, "tag", epc);
  if (own !== undefined) return { epc, tag: own, thing: undefined };
  const named = epc.startsWith("urn:epc:id:") ? epc : webUri.test(epc) ? digitalLinkOf(epc) : null;
  const thing = thingOf(named);
  if (named !== null) return thing === undefined ? undefined : { epc: thing, tag: undefined, thing };
  const tag = bitsIn(epc);
  return tag === undefined ? undefined : { epc, tag, thing: thingOf(thingNameOf(tag)) };
};

/** The step and disposition of an event are no part of a scan, so they stand in its notes. */
const notesOf = ({ bizStep, disposition, eventID }: Observed): string =>
  [
    "EPCIS",
    ...(bizStep === undefined ? [] : [`bizStep ${bizStep}`]),
    ...(disposition === undefined ? [] : [`disposition ${disposition}`]),
    ...(eventID === undefined ? [] : [eventID]),
  ].join(" ");

const keyOf = (event: Record<string, unknown>): string => {
  if (typeof event.eventID === "string") return event.eventID;
  const { recordTime: _, "@context": __, ...said } = event;
  return canonicalJson(said);
};

/** Reads one event of a capture: what its scans will say, or why there are none. */
export const readCaptured = (site: string, given: unknown): Capture | CaptureRefusal => {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return malformed("not an event", "");
  const event = given as Record<string, unknown>;
  const unsupported = unsupportedIn(event);
  if (unsupported !== undefined) return unsupported;
  if (!check.Check(event)) {
    const [error] = check.Errors(event);
    return malformed(error?.message ?? "not as the schema says", error?.instancePath ?? "");
  }
  const place = event.readPoint === undefined ? undefined : placeOfUri(site, event.readPoint.id);
  if (event.readPoint !== undefined && !Check(PlaceName, place))
    return malformed(
      `a read point is urn:tagwire:${site}:place:<name> or an SGLN, of a name of at most 64 characters`,
      "/readPoint/id",
    );
  const transaction = event.bizTransactionList?.find(({ type }) => type === contractTransactionType);
  const contract =
    transaction === undefined ? undefined : nameOfTagwireUri(site, "contract", transaction.bizTransaction);
  if (transaction !== undefined && !Check(ContractNumber, contract))
    return malformed(`a contract is urn:tagwire:${site}:contract:<number>`, "/bizTransactionList");
  const sought = event.epcList.map((epc) => soughtIn(site, epc));
  const stray = sought.indexOf(undefined);
  if (stray >= 0)
    return malformed(
      `an EPC is urn:epc:id:…, urn:epc:tag:…, a GS1 Digital Link, urn:epc:raw:<bits>.x<hex> or urn:tagwire:${site}:tag:<name>`,
      `/epcList/${stray}`,
    );
  return {
    key: keyOf(event),
    type: counting.test(event.bizStep ?? "") ? "count" : "touch",
    scannedAt: localTime(event),
    place,
    contract,
    notes: notesOf(event),
    sought: sought.filter((one) => one !== undefined),
  };
};
