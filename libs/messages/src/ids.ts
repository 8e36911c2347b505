import Type, { type Static } from "typebox";
import { uuidv7 } from "uuidv7";
import { readerIdPattern } from "./id-texts.ts";

/** A site: the unit of order and of ownership. */
export const SiteId = Type.String({ pattern: "^[a-z0-9-]{1,32}$", description: "site id" });
export type SiteId = Static<typeof SiteId>;

export const ReaderId = Type.String({ pattern: readerIdPattern, description: "reader id" });
export type ReaderId = Static<typeof ReaderId>;

/** Made by the client before it sends, so that every retry is safe. UUIDv7 sorts by time; any UUID is taken. */
export const ClientId = Type.String({
  pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
  description: "UUID (v7 preferred) made by the client",
});
export type ClientId = Static<typeof ClientId>;

export const newId = (): string => uuidv7();

/**
 * An instant with its zone, as RFC 3339 writes it. Leap seconds and years before 1000 are left out: JavaScript cannot read the
 * first, and takes the others, as Postgres writes them, for years of another century.
 */
export const Instant = Type.String({
  format: "date-time",
  pattern: "^[1-9].{16}[0-5].*(Z|z|[+-]\\d\\d:\\d\\d)$",
  description: "RFC 3339 instant",
});
export type Instant = Static<typeof Instant>;

/** Text that can be stored: JSON can carry a NUL or half a surrogate pair, Postgres cannot. */
export const storableText = "^[^\\u0000\\p{Cs}]*$";
/** The same, with something to see in it. */
export const visibleText = "^(?=[\\s\\S]*\\S)[^\\u0000\\p{Cs}]*$";

/** How many partitions the sites hash onto. Chosen once, for ever: it is part of every subject. */
export const partitionCount = 16;

/** FNV-1a, 32 bits, over the UTF-8 bytes (parameters from the FNV specification). */
export const fnv1a32 = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
};

/** The partition of a site, 0 … {@link partitionCount} − 1. */
export const partitionOf = (site: SiteId): number => fnv1a32(site) % partitionCount;

/** A place in a site's log: `epoch:pos`. Positions are dense from 1; `pos` 0 is before the first event. */
export type Position = { readonly epoch: number; readonly pos: number };

export const positionText = ({ epoch, pos }: Position): string => `${epoch}:${pos}`;

/** Reads `epoch:pos`; undefined when it is not of that form. */
export const parsePosition = (text: string): Position | undefined => {
  const match = /^(\d{1,15}):(\d{1,15})$/.exec(text);
  return match === null ? undefined : { epoch: Number(match[1]), pos: Number(match[2]) };
};
