import { createHash } from "node:crypto";
import { digitalLinkOf } from "@tagwire/epc";
import { epcisNamespace } from "@tagwire/messages";

/**
 * The event hash id of CBV 2.0 §8.9: SHA-256 over a text that every party makes of the same event, however it is serialised. It
 * covers everything but the event's own id, when it was recorded, and whether it was declared wrong later.
 *
 * The order of members is the standard's; so is that lists are sorted, that a type comes before what it types, that words of the
 * vocabulary are written as links and GS1 identities as canonical Digital Links. Sensor data and transformations have members of
 * their own, which no event here has: they are refused rather than left out of a hash.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type Hashed = { readonly type: string; readonly [name: string]: unknown };

const vocabulary = "https://ref.gs1.org/cbv/";
const isUri = (text: string): boolean => text.includes(":");
const word = (prefix: string, text: string): string =>
  isUri(text) ? text : `${vocabulary}${prefix}-${text}`;

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
const sorted = (texts: readonly string[]): string => [...texts].sort(byBytes).join("");

const canonicalValue = (value: string): string => digitalLinkOf(value.trim()) ?? value.trim();
const pair = (name: string, value: unknown): string =>
  value === undefined ? "" : `${name}=${canonicalValue(String(value))}`;

const time = (name: string, value: unknown): string => `${name}=${new Date(String(value)).toISOString()}`;

const list = (name: string, given: unknown, write: (one: never) => string): string =>
  Array.isArray(given) && given.length > 0 ? name + sorted(given.map((one) => write(one as never))) : "";

const epcs = (name: string, given: unknown): string => list(name, given, (epc: string) => pair("epc", epc));

const quantities = (name: string, given: unknown): string =>
  list(
    name,
    given,
    (one: { epcClass: string; quantity?: number; uom?: string }) =>
      `quantityElement${pair("epcClass", one.epcClass)}${pair("quantity", one.quantity)}${pair("uom", one.uom)}`,
  );

/** `type` first: so the published vectors have it. */
const typed = (name: string, prefix: string, given: unknown): string =>
  list(
    `${name}List`,
    given,
    (one: Record<string, string>) =>
      `${one.type === undefined ? "" : pair("type", word(prefix, one.type))}${pair(name, one[name])}`,
  );

const located = (name: string, given: unknown): string =>
  given === undefined ? "" : `${name}${pair("id", (given as { id: string }).id)}`;

const regular = new Set([
  ...["@context", "type", "eventID", "recordTime", "errorDeclaration", "certificationInfo"],
  ...[
    "eventTime",
    "eventTimeZoneOffset",
    "epcList",
    "parentID",
    "childEPCs",
    "quantityList",
    "childQuantityList",
  ],
  ...["action", "bizStep", "disposition", "readPoint", "bizLocation"],
  ...["bizTransactionList", "sourceList", "destinationList", "ilmd"],
]);

type Namespaces = Readonly<Record<string, string>>;

const fullName = (name: string, namespaces: Namespaces): string => {
  const [prefix = "", local = ""] = name.split(/:(.*)/s);
  const namespace = namespaces[prefix];
  if (namespace === undefined) throw new TypeError(`"${name}" has no part in an event hash`);
  return `{${namespace}}${local}`;
};

/** Members of other namespaces, whatever they hold; each value of a list is written as if it stood alone. */
const extensions = (given: { readonly [name: string]: Json }, namespaces: Namespaces): string =>
  sorted(
    Object.entries(given).flatMap(([name, value]) =>
      extension(fullName(name, namespaces), value, namespaces),
    ),
  );

const extension = (name: string, value: Json, namespaces: Namespaces): string[] => {
  if (Array.isArray(value)) return value.flatMap((one: Json) => extension(name, one, namespaces));
  if (value !== null && typeof value === "object")
    return [name + extensions(value as { readonly [name: string]: Json }, namespaces)];
  return [pair(name, value)];
};

const rest = (event: Hashed): { readonly [name: string]: Json } =>
  Object.fromEntries(
    Object.entries(event).filter(([name, value]) => !regular.has(name) && value !== undefined),
  ) as { readonly [name: string]: Json };

/** The text that is hashed. @throws TypeError for members that are neither the standard's for these events nor of a declared namespace. */
export const preHashOf = (event: Hashed, namespaces: Namespaces = { tagwire: epcisNamespace }): string => {
  const { ilmd } = event as { ilmd?: { readonly [name: string]: Json } };
  return [
    `eventType=${event.type}`,
    time("eventTime", event.eventTime),
    pair("eventTimeZoneOffset", event.eventTimeZoneOffset),
    epcs("epcList", event.epcList),
    pair("parentID", event.parentID),
    epcs("childEPCs", event.childEPCs),
    quantities("quantityList", event.quantityList),
    quantities("childQuantityList", event.childQuantityList),
    pair("action", event.action),
    event.bizStep === undefined ? "" : pair("bizStep", word("BizStep", String(event.bizStep))),
    event.disposition === undefined ? "" : pair("disposition", word("Disp", String(event.disposition))),
    located("readPoint", event.readPoint),
    located("bizLocation", event.bizLocation),
    typed("bizTransaction", "BTT", event.bizTransactionList),
    typed("source", "SDT", event.sourceList),
    typed("destination", "SDT", event.destinationList),
    ilmd === undefined ? "" : `ilmd${extensions(ilmd, namespaces)}`,
    extensions(rest(event), namespaces),
  ].join("");
};

export const hashIdOf = (event: Hashed, namespaces?: Namespaces): string =>
  `ni:///sha-256;${createHash("sha256").update(preHashOf(event, namespaces)).digest("hex")}?ver=CBV2.0`;

const hashId = /^ni:\/\/\/sha-256;([0-9a-f]{64})\?ver=CBV2\.0$/;

/** The digest within an event hash id, in hex; undefined for any other text. */
export const digestOfHashId = (eventId: string): string | undefined => hashId.exec(eventId)?.[1];
