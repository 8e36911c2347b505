import Type, { type Static } from "typebox";
import { Condition } from "./condition.ts";
import { Instant, storableText, visibleText } from "./ids.ts";
import { itemStatuses } from "./item-statuses.ts";

export type ItemStatus = (typeof itemStatuses)[number];
export const ItemStatus = Type.Enum(itemStatuses, { description: "item status" });

/** What a service scan may lead to. */
export const serviceStatuses = ["inspect", "repair", "wash", "wet", "ready"] as const;
export type ServiceStatus = (typeof serviceStatuses)[number];
export const ServiceStatus = Type.Enum(serviceStatuses);

export const qualities = ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-"] as const;
export type Quality = (typeof qualities)[number];
export const Quality = Type.Enum(qualities, { description: "quality grade" });

export const ClassName = Type.String({
  minLength: 1,
  maxLength: 120,
  pattern: visibleText,
  description: "rental class",
});
export const PlaceName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: visibleText,
  description: "where it is",
});
export const ContractNumber = Type.String({
  minLength: 1,
  maxLength: 40,
  pattern: visibleText,
  description: "contract number",
});
export const Role = Type.String({
  pattern: "^[a-z0-9][a-z0-9_-]{0,31}$",
  description: "what it is kept for besides renting, such as resale, pack, sold or burst; not where it is",
});
export const Notes = Type.String({ maxLength: 2000, pattern: storableText });

/** Who caused something: a person, a device or API key, a reader, a rule of the site. */
export const By = Type.Object({
  person: Type.Optional(Type.String()),
  device: Type.Optional(Type.String()),
  reader: Type.Optional(Type.String()),
  antenna: Type.Optional(Type.Integer()),
  rule: Type.Optional(Type.String({ description: "a rule of the site that did it by itself" })),
});
export type By = Static<typeof By>;

export const LastScan = Type.Object({
  id: Type.String(),
  type: Type.String(),
  scannedAt: Instant,
  place: Type.Union([Type.String(), Type.Null()]),
  by: By,
  isIso: Type.Optional(
    Type.Literal(true, {
      description:
        "a reader heard of the tag, then or earlier, that it is of ISO and not of GS1; it stays so",
    }),
  ),
});
export type LastScan = Static<typeof LastScan>;

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Technician = Type.String({
  minLength: 1,
  maxLength: 120,
  pattern: visibleText,
  description: "who did the work, whoever scanned it",
});
export const workDoneMax = 20;
export const WorkDone = Type.Array(Type.String({ minLength: 1, maxLength: 120, pattern: visibleText }), {
  maxItems: workDoneMax,
  description: "what was done, in the floor's own words, such as washed or new rope",
});

/** The work that made an item ready: what it was waiting for, who did it, what was done, and what was found on it until then. */
export const ServiceWork = Type.Object({
  from: ItemStatus,
  technician: nullable(Type.String({ description: "as stated, or else the person who scanned it" })),
  done: Type.Array(Type.String()),
  cleared: Type.Object(Condition.properties, {
    description:
      "what had been found on it and is found on it no more; flags that were false or not looked at are left out",
  }),
  at: Instant,
  scanId: Type.String(),
});
export type ServiceWork = Static<typeof ServiceWork>;

/**
 * What is known of an item, the same in operations and in every projection.
 *
 * `version` counts the changes; `pos` is the log position of the last one. `lastFactAt` is the instant of the newest
 * fact about its state, or of the newest scan that found it so: an older scan is history. Null until the first fact (commissioning states what a thing is, not
 * where it was). `placeAt` and `qualityAt` are the instants for which place and quality were last stated, by a scan or by
 * hand: an older scan does not move them. Only operations decides by them; whoever keeps items keeps them too, so that an item is the
 * same wherever it is read. Events from before an optional member was kept lack it. `condition` is what was found when it came back, until service has made it ready;
 * `lastService` is the work that did so last.
 */
export const Item = Type.Object({
  tag: Type.String(),
  class: Type.String(),
  name: nullable(Type.String()),
  status: ItemStatus,
  quality: nullable(Type.String()),
  place: nullable(Type.String()),
  contract: nullable(Type.String()),
  notes: nullable(Type.String()),
  version: Type.Integer(),
  pos: Type.Integer(),
  lastFactAt: nullable(Instant),
  lastScan: nullable(LastScan),
  placeAt: Type.Optional(nullable(Instant)),
  qualityAt: Type.Optional(nullable(Instant)),
  role: Type.Optional(nullable(Type.String())),
  condition: Type.Optional(nullable(Condition)),
  lastService: Type.Optional(nullable(ServiceWork)),
  replaces: Type.Optional(nullable(Type.String({ description: "the tag it carried before" }))),
  replacedBy: Type.Optional(
    nullable(
      Type.String({
        description:
          "the tag it carries now; this same tag where its beginning was taken back: no thing has it",
      }),
    ),
  ),
});
export type Item = Static<typeof Item>;
