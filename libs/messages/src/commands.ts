import Type, { type Static, type TSchema } from "typebox";
import { Barrier, PlaceBarrier } from "./audit.ts";
import { DefineClass, RentalClass } from "./classes.ts";
import { AmendContract, Contract, contractActs, OpenContract, RecordLot } from "./contracts.ts";
import { CountingDevice } from "./device-reports.ts";
import { DismissHeld } from "./held-tags.ts";
import { ClientId, Instant, partitionOf, SiteId, storableText, visibleText } from "./ids.ts";
import { ImportItems, ImportOutcome } from "./imports.ts";
import { By, ClassName, ContractNumber, Item, ItemStatus, Notes, PlaceName, Quality, Role } from "./items.ts";
import { MigrateSite, MigrationStage } from "./migration.ts";
import { AddPhoto, DeletePhoto } from "./photos.ts";
import type { Said } from "./said.ts";
import { Receipt, Scan, scansPerRequestMax } from "./scans.ts";
import { BeginSession, CloseSession, DeclareSession, JoinSession, Session } from "./sessions.ts";
import { NoteSettings } from "./settings-events.ts";
import { RunStockRule, SetStockRule, StockRuleRun } from "./stock-rules.ts";
import { ConfirmedTags, ConfirmTags, ProvisionTags, RetagItem } from "./tags.ts";
import { SetTrip } from "./trips.ts";
import { UndoEvents, UndoneEvent } from "./undo.ts";
import { SetZone } from "./zones.ts";

/*
 * Commands are asked of the site's owner by request/reply on `commands.<partition>.<site>` and answered after the commit.
 * "503 no responders" means that nobody owns the site this instant: the caller tries again with the same ids.
 */

export const CreateSite = Type.Object(
  {
    id: SiteId,
    name: Type.String({ minLength: 1, maxLength: 120, pattern: visibleText }),
    timeZone: Type.String({ minLength: 1, maxLength: 64, pattern: visibleText, description: "IANA zone" }),
  },
  { additionalProperties: false },
);
export type CreateSite = Static<typeof CreateSite>;

export const CreateItem = Type.Object(
  {
    tag: Type.String({ minLength: 1, maxLength: 1_024 }),
    class: ClassName,
    name: Type.Optional(Type.String({ maxLength: 200, pattern: storableText })),
    status: Type.Optional(ItemStatus),
    quality: Type.Optional(Quality),
    place: Type.Optional(PlaceName),
    role: Type.Optional(Role),
    notes: Type.Optional(Notes),
  },
  { additionalProperties: false },
);
export type CreateItem = Static<typeof CreateItem>;

/** Versions that one If-Match may name. */
export const versionsMax = 50;

export const PatchItem = Type.Object(
  {
    status: Type.Optional(ItemStatus),
    quality: Type.Optional(Type.Union([Quality, Type.Null()])),
    place: Type.Optional(Type.Union([PlaceName, Type.Null()])),
    role: Type.Optional(Type.Union([Role, Type.Null()])),
    notes: Type.Optional(Type.Union([Notes, Type.Null()])),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type PatchItem = Static<typeof PatchItem>;

export const RecordScans = Type.Object(
  {
    scans: Type.Array(Scan, { minItems: 1, maxItems: scansPerRequestMax }),
    /** Against when it arrived this measures the clock, whatever the scans say of when they were made. */
    sentAt: Type.Optional(
      Type.String({ format: "date-time", description: "now, by the clock of the device that sends" }),
    ),
    /** Whose count the `seq` of the scans are; without it the count is that of whoever is signed in. */
    device: Type.Optional(CountingDevice),
  },
  { additionalProperties: false },
);
export type RecordScans = Static<typeof RecordScans>;

export const Site = Type.Object({
  id: SiteId,
  name: Type.String(),
  timeZone: Type.String(),
  epoch: Type.Integer(),
  pos: Type.Integer(),
  createdAt: Instant,
  stage: MigrationStage,
});
export type Site = Static<typeof Site>;

const envelope = {
  /**
   * Identity of the command. A repeated `item.create` or `item.patch` gets the receipt stored under it. `scans.record` and
   * `items.import` are known part by part, by the ids of their scans and rows, and `site.create` by the site: repeated, it says that it created nothing.
   */
  id: ClientId,
  by: By,
  receivedAt: Instant,
  traceparent: Type.String(),
};

export const Command = Type.Union([
  Type.Object({ kind: Type.Literal("site.create"), ...envelope, body: CreateSite }),
  Type.Object({ kind: Type.Literal("item.create"), ...envelope, body: CreateItem }),
  Type.Object({
    kind: Type.Literal("item.patch"),
    ...envelope,
    body: Type.Object({
      tag: Type.String(),
      /** The version the caller read; null stands for `If-Match: *`. */
      version: Type.Union([Type.Integer(), Type.Null()]),
      /** All the versions that will do, `version` among them, where the caller named several. */
      versions: Type.Optional(Type.Array(Type.Integer(), { maxItems: versionsMax })),
      patch: PatchItem,
      /** Reads the item anew from the store first: for one that was changed behind the back of its owner, who knows it as it was. */
      readAnew: Type.Optional(Type.Boolean()),
      /** Why, where a rule of the site does it. */
      reason: Type.Optional(Type.String()),
    }),
  }),
  Type.Object({
    kind: Type.Literal("scans.record"),
    ...envelope,
    body: Type.Object({
      ...RecordScans.properties,
      rehearse: Type.Optional(
        Type.Boolean({ description: "decides and tells what would become of each scan, and leaves nothing" }),
      ),
    }),
  }),
  Type.Object({ kind: Type.Literal("item.retag"), ...envelope, body: RetagItem }),
  Type.Object({ kind: Type.Literal("tags.provision"), ...envelope, body: ProvisionTags }),
  Type.Object({ kind: Type.Literal("tags.confirm"), ...envelope, body: ConfirmTags }),
  Type.Object({
    kind: Type.Literal("class.define"),
    ...envelope,
    body: Type.Object({ class: ClassName, define: DefineClass }),
  }),
  Type.Object({ kind: Type.Literal("contract.open"), ...envelope, body: OpenContract }),
  Type.Object({
    kind: Type.Literal("contract.amend"),
    ...envelope,
    body: Type.Object({
      number: ContractNumber,
      /** The version the caller read; null stands for whichever there is. */
      version: Type.Union([Type.Integer(), Type.Null()]),
      /** All the versions that will do, `version` among them, where the caller named several. */
      versions: Type.Optional(Type.Array(Type.Integer(), { maxItems: versionsMax })),
      amend: AmendContract,
    }),
  }),
  Type.Object({
    kind: Type.Literal("contract.act"),
    ...envelope,
    body: Type.Object({ number: ContractNumber, act: Type.Enum(contractActs) }),
  }),
  Type.Object({
    kind: Type.Literal("contract.merge"),
    ...envelope,
    body: Type.Object({ number: ContractNumber, into: ContractNumber }),
  }),
  Type.Object({ kind: Type.Literal("contract.trip"), ...envelope, body: SetTrip }),
  Type.Object({
    kind: Type.Literal("lot.record"),
    ...envelope,
    body: Type.Object({ number: ContractNumber, lot: RecordLot }),
  }),
  Type.Object({ kind: Type.Literal("session.begin"), ...envelope, body: BeginSession }),
  Type.Object({
    kind: Type.Literal("session.close"),
    ...envelope,
    body: Type.Object({ session: ClientId, close: CloseSession }),
  }),
  Type.Object({
    kind: Type.Literal("session.join"),
    ...envelope,
    body: Type.Object({ session: ClientId, join: JoinSession }),
  }),
  Type.Object({
    kind: Type.Literal("session.declare"),
    ...envelope,
    body: Type.Object({ session: ClientId, declare: DeclareSession }),
  }),
  Type.Object({ kind: Type.Literal("quarantine.dismiss"), ...envelope, body: DismissHeld }),
  Type.Object({ kind: Type.Literal("events.undo"), ...envelope, body: UndoEvents }),
  Type.Object({ kind: Type.Literal("settings.note"), ...envelope, body: NoteSettings }),
  Type.Object({ kind: Type.Literal("site.migrate"), ...envelope, body: MigrateSite }),
  Type.Object({ kind: Type.Literal("photo.add"), ...envelope, body: AddPhoto }),
  Type.Object({ kind: Type.Literal("photo.delete"), ...envelope, body: DeletePhoto }),
  Type.Object({ kind: Type.Literal("rule.set"), ...envelope, body: SetStockRule }),
  Type.Object({ kind: Type.Literal("zone.set"), ...envelope, body: SetZone }),
  Type.Object({ kind: Type.Literal("rule.run"), ...envelope, body: RunStockRule }),
  Type.Object({ kind: Type.Literal("audit.barrier"), ...envelope, body: PlaceBarrier }),
  Type.Object({ kind: Type.Literal("items.import"), ...envelope, body: ImportItems }),
]);
export type Command = Static<typeof Command>;
export type CommandKind = Command["kind"];

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const ContractResult = Type.Object({ contract: nullable(Contract), receipt: Receipt });
export type ContractResult = Said<Static<typeof ContractResult>>;
const SessionResult = Type.Object({ session: nullable(Session), receipt: Receipt });
export type SessionResult = Said<Static<typeof SessionResult>>;
const ItemResult = Type.Object({ item: nullable(Item), receipt: Receipt });

/** What each command is answered with once it is committed. */
export const commandResults = {
  "site.create": Type.Object({ site: Site, created: Type.Boolean() }),
  "item.create": Type.Object({ item: Item, receipt: Receipt }),
  "item.patch": ItemResult,
  "scans.record": Type.Object({ receipts: Type.Array(Receipt) }),
  "item.retag": ItemResult,
  "tags.provision": Type.Object({ tags: Type.Array(Type.String()), receipt: Receipt }),
  "tags.confirm": Type.Object({ confirmed: ConfirmedTags, receipt: Receipt }),
  "class.define": Type.Object({ class: nullable(RentalClass), receipt: Receipt }),
  "contract.open": ContractResult,
  "contract.amend": ContractResult,
  "contract.act": ContractResult,
  "contract.merge": ContractResult,
  "contract.trip": ContractResult,
  "lot.record": ContractResult,
  "session.begin": SessionResult,
  "session.close": SessionResult,
  "session.join": SessionResult,
  "session.declare": SessionResult,
  /** `scans` are those that waited, by id; none when nothing did, or where it is answered again. */
  "quarantine.dismiss": Type.Object({ scans: Type.Array(Type.String()), receipt: Receipt }),
  /** `more` is how many of them are not named, since the answer would not fit into one message; the receipt counts all. */
  "events.undo": Type.Object({ undone: Type.Array(UndoneEvent), more: Type.Integer(), receipt: Receipt }),
  "settings.note": Type.Object({ receipt: Receipt }),
  "site.migrate": Type.Object({ receipt: Receipt }),
  "photo.add": Type.Object({ receipt: Receipt }),
  "photo.delete": Type.Object({ receipt: Receipt }),
  "rule.set": Type.Object({ receipt: Receipt }),
  "zone.set": Type.Object({ receipt: Receipt }),
  "rule.run": Type.Object({ run: StockRuleRun }),
  "audit.barrier": Type.Object({ barrier: Barrier }),
  /** One for each row, in their order. */
  "items.import": Type.Object({ outcomes: Type.Array(ImportOutcome) }),
} as const satisfies Record<CommandKind, TSchema>;
export type CommandResult = { [Kind in CommandKind]: Said<Static<(typeof commandResults)[Kind]>> };

export const commandSubject = (site: SiteId): string => `commands.${partitionOf(site)}.${site}`;

/** The newest position of a site, said by its owner once a second on `head.<site>`, so that the idle know they missed nothing. */
export const Head = Type.Object({
  epoch: Type.Integer(),
  pos: Type.Integer(),
  hash: Type.String(),
  at: Instant,
});
export type Head = Static<typeof Head>;
export const headSubject = (site: SiteId): string => `head.${site}`;
export const headIntervalMs = 1_000;
