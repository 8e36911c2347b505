import Type, { type Static } from "typebox";
import { Condition } from "./condition.ts";
import { ContractMove } from "./contract-events.ts";
import { event, type LoggedEvent } from "./events.ts";
import { Item, ItemStatus } from "./items.ts";
import { outcomes, ScanType } from "./scans.ts";
import { SessionTag } from "./sessions.ts";

/** The members of an item that this event changed, with their new values; `version` and `pos` always move. */
export const ItemSet = Type.Partial(Type.Omit(Item, ["tag", "version", "pos"]));
export type ItemSet = Static<typeof ItemSet>;

/** How a tag stands in a session once a scan that counted there was taken back, or an undo of one was. */
export const InSession = Type.Pick(SessionTag, ["outcome", "type", "class", "seenAt", "beside"]);
export type InSession = Static<typeof InSession>;

/** The body of every item event after the first: applying `set` to the row before it gives the row after it. */
export const ItemChangeBody = Type.Object({
  version: Type.Integer({ description: "the item's version after this event" }),
  set: ItemSet,
  was: Type.Object({
    status: ItemStatus,
    contract: Type.Union([Type.String(), Type.Null()]),
    place: Type.Union([Type.String(), Type.Null()]),
  }),
  outcome: Type.Enum(outcomes),
  code: Type.Optional(Type.String()),
  flags: Type.Array(Type.String()),
  moves: Type.Optional(Type.Array(ContractMove)),
  class: Type.Optional(Type.String({ description: "in a session, which counts quantities by class" })),
  beside: Type.Optional(
    Type.Boolean({
      description: "in a session: it stands for none of the quantities that are expected there",
    }),
  ),
  undoes: Type.Optional(
    Type.Integer({ description: "position of the event whose effect this one takes back" }),
  ),
  reason: Type.Optional(
    Type.String({ description: "why it was taken back, got another tag or was sold by a rule" }),
  ),
  inSession: Type.Optional(InSession),
  countedBy: Type.Optional(
    Type.String({ description: "in a session: the device that scanned it, where its request named it" }),
  ),
  scan: Type.Optional(
    Type.Object({
      type: ScanType,
      contract: Type.Optional(
        Type.String({
          description:
            "as the scan named it, where it is about another one; of a return wherever it named one and ended a rental",
        }),
      ),
      place: Type.Optional(Type.String()),
      deviceTime: Type.Optional(
        Type.String({ description: "scannedAt as the device wrote it, with its own offset" }),
      ),
      condition: Type.Optional(Condition),
      quality: Type.Optional(Type.String()),
      notes: Type.Optional(Type.String()),
      technician: Type.Optional(Type.String()),
      done: Type.Optional(Type.Array(Type.String())),
      reason: Type.Optional(Type.String()),
      reads: Type.Optional(Type.Integer()),
      peakRssiDbm: Type.Optional(Type.Number()),
      firstHeardAt: Type.Optional(
        Type.String({ description: "when the first of the reads was; the last one is when it was scanned" }),
      ),
      stray: Type.Optional(Type.String({ description: "why a reader's reads say nothing of where it is" })),
      station: Type.Optional(Type.String({ description: "where the reader heard it" })),
      tid: Type.Optional(Type.String({ description: "the number of the tag's chip, as the reader read it" })),
    }),
  ),
});
export type ItemChange = Static<typeof ItemChangeBody>;

const ItemCreatedBody = Type.Object({ item: Item, moves: Type.Optional(Type.Array(ContractMove)) });
export type ItemCreated = Static<typeof ItemCreatedBody>;

/*
 * All item events: operations says them once they are committed; manager, live screens and subscribers listen.
 * At least once, in the site's order; `(site, epoch, pos)` is their identity, so repeats are dropped.
 */

/** A tag was put on a thing: the item is known from now on. */
export const ItemCreated = event({ type: "item.created.v1", entity: "item", body: ItemCreatedBody });
/** The item left on a contract. */
export const ItemRented = event({ type: "item.rented.v1", entity: "item", body: ItemChangeBody });
/** The item was set aside for a contract. */
export const ItemStaged = event({ type: "item.staged.v1", entity: "item", body: ItemChangeBody });
/** The item arrived at the customer. */
export const ItemDelivered = event({ type: "item.delivered.v1", entity: "item", body: ItemChangeBody });
/** The item came back, by return or by pickup; `set.status` says how it came back. */
export const ItemReturned = event({ type: "item.returned.v1", entity: "item", body: ItemChangeBody });
/** The item entered, moved within or left service. One that left it ready says in `set.lastService` who did what. */
export const ItemServiced = event({ type: "item.serviced.v1", entity: "item", body: ItemChangeBody });
/** A missing item was seen again on the floor. */
export const ItemFound = event({ type: "item.found.v1", entity: "item", body: ItemChangeBody });
/** The item was seen. Its state stays as it was: touch, count, a refused scan, or a late one that is history only. */
export const ItemSighted = event({ type: "item.sighted.v1", entity: "item", body: ItemChangeBody });
/** A person changed the item by hand. */
export const ItemEdited = event({ type: "item.edited.v1", entity: "item", body: ItemChangeBody });

/**
 * What an event did to the item was taken back: `undoes` names it, `set` is what was there before. Of one that counted in a session
 * the envelope names that, and `inSession` says how the tag stands there now.
 */
export const ItemUndone = event({ type: "item.undone.v1", entity: "item", body: ItemChangeBody });
/** The contract that the item is out on was merged into another. */
export const ItemReassigned = event({ type: "item.reassigned.v1", entity: "item", body: ItemChangeBody });
/** The thing carries another tag from now on; the item under this one has ended, `set.replacedBy` says where it goes on. */
export const ItemRetagged = event({ type: "item.retagged.v1", entity: "item", body: ItemChangeBody });

export const itemEvents = [
  ItemCreated,
  ItemRented,
  ItemStaged,
  ItemDelivered,
  ItemReturned,
  ItemServiced,
  ItemFound,
  ItemSighted,
  ItemEdited,
  ItemUndone,
  ItemReassigned,
  ItemRetagged,
] as const;

/**
 * Folds an event into the row before it: the one definition of "what the log says of an item". An event that sets nothing (a
 * refusal, late history) leaves the row as it was. Undefined when the item was never created.
 */
export const foldItem = (
  before: Item | undefined,
  event: Pick<LoggedEvent, "type" | "pos" | "data">,
): Item | undefined => {
  if (event.type === ItemCreated.type) return { ...(event.data as ItemCreated).item, pos: event.pos };
  // What is said of a tag that nobody knows any more is about no item.
  if (before === undefined || !event.type.startsWith("item.")) return before;
  const { set, version } = event.data as ItemChange;
  return Object.keys(set).length === 0 ? before : { ...before, ...set, version, pos: event.pos };
};
