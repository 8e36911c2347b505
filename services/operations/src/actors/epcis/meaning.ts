import type { ItemChange, ItemCreated, ItemStatus, LoggedEvent } from "@tagwire/messages";
import type { Shape } from "./shape.ts";
import { statusMeanings } from "./status-meaning.ts";

/** What one kind of event of the log means; undefined where a single one of it says nothing that EPCIS has words for. */
export type Meaning = {
  /** Everything that `of` may give: by it a query knows which kinds of events it need not look at. */
  readonly shapes: readonly Shape[];
  readonly of: (event: LoggedEvent) => Shape | undefined;
};

const changeOf = (event: LoggedEvent): Partial<ItemChange> => event.data as Partial<ItemChange>;

/** The item's status after the event; undefined for an event that is not about an item's state. */
export const statusAfter = (event: LoggedEvent): ItemStatus | undefined => {
  const { item } = event.data as Partial<ItemCreated>;
  const { set, was } = changeOf(event);
  return item?.status ?? set?.status ?? was?.status;
};

const always = (shape: Shape): Meaning => ({ shapes: [shape], of: () => shape });

/** A transaction event names its transaction, which is the contract. */
const onContract = (shape: Shape): Meaning => ({
  shapes: [shape],
  of: (event) => (event.contract === undefined ? undefined : shape),
});

const observed: Shape = { type: "ObjectEvent", action: "OBSERVE" };
const commissioned: Shape = {
  type: "ObjectEvent",
  action: "ADD",
  bizStep: "commissioning",
  disposition: "active",
};
const everyStatus: readonly Shape[] = Object.values(statusMeanings);

const byStatus = (event: LoggedEvent): Shape | undefined => {
  const status = statusAfter(event);
  return status === undefined ? undefined : statusMeanings[status];
};

/** A tag that is written but on no thing yet is encoded; one on a thing is commissioned. */
const encoded: Shape = { ...commissioned, bizStep: "encoding" };
const created: Meaning = {
  shapes: [commissioned, encoded],
  of: (event) => (statusAfter(event) === "provisioned" ? encoded : commissioned),
};

const broughtBack: Shape = {
  type: "TransactionEvent",
  action: "DELETE",
  bizStep: "receiving",
  disposition: "returned",
};
/** Without a contract there is no transaction that could end: the thing was only received. */
const receivedAlone: Shape = { ...broughtBack, type: "ObjectEvent", action: "OBSERVE" };
const pickedUp: Shape = { ...observed, bizStep: "collecting", disposition: "in_transit" };
const returned: Meaning = {
  shapes: [broughtBack, receivedAlone, pickedUp],
  of: (event) => {
    if (changeOf(event).scan?.type === "pickup") return pickedUp;
    return event.contract === undefined ? receivedAlone : broughtBack;
  },
};

/** A sighting leaves the disposition as it was, so it names none; a scan that was refused did not do what it is called after. */
const touched: Shape = { ...observed, bizStep: "cycle_counting" };
const counted: Shape = { ...observed, bizStep: "stock_taking" };
const sighted: Meaning = {
  shapes: [touched, counted, observed],
  of: (event) => {
    const type = changeOf(event).scan?.type;
    if (type === "touch") return touched;
    return type === "count" ? counted : observed;
  },
};

/** Notes and grades are nobody else's business. What was decommissioned and comes back is commissioned anew. */
const edited: Meaning = {
  shapes: [...everyStatus, commissioned, observed],
  of: (event) => {
    const { set = {}, was } = changeOf(event);
    if (set.status !== undefined)
      return was?.status === "retired" ? commissioned : statusMeanings[set.status];
    return set.place == null ? undefined : observed;
  },
};

const rented: Shape = {
  type: "TransactionEvent",
  action: "ADD",
  bizStep: "departing",
  disposition: "in_transit",
};

/**
 * What each kind of event means, by the table of business steps that the domain was given. A kind that is not here is left out of what
 * is exported: sites, contracts and sessions happen to no object, and a scan of a tag nobody knows is told once the tag is
 * commissioned.
 */
export const meanings: ReadonlyMap<string, Meaning> = new Map(
  Object.entries<Meaning>({
    "item.created.v1": created,
    "item.rented.v1": onContract(rented),
    "item.staged.v1": always(statusMeanings.staged),
    "item.delivered.v1": always({ ...observed, bizStep: "arriving", disposition: "in_progress" }),
    "item.returned.v1": returned,
    "item.serviced.v1": { shapes: everyStatus, of: byStatus },
    "item.found.v1": { shapes: everyStatus, of: byStatus },
    "item.sighted.v1": sighted,
    "item.edited.v1": edited,
    "item.undone.v1": { shapes: everyStatus, of: byStatus },
    "item.reassigned.v1": onContract({ type: "TransactionEvent", action: "ADD" }),
    "item.retagged.v1": always(statusMeanings.retired),
    "lot.recorded.v1": always(counted),
  }),
);
