import type { LoggedEvent } from "@tagwire/messages";
import { beginningLinks, endingLinks } from "./link-meaning.ts";
import { lotRecorded, merged, reassigned, unmerged } from "./merge-meaning.ts";
import { goingOn, retagged } from "./retag-meaning.ts";
import { changeOf, type Meaning, type Shape, statusAfter } from "./shape.ts";
import { statusMeanings } from "./status-meaning.ts";

/** The meaning of a kind whose events become one EPCIS event each, or none. */
type Single = { readonly shapes: readonly Shape[]; readonly of: (event: LoggedEvent) => Shape | undefined };

const single = ({ shapes, of }: Single): Meaning => ({
  shapes,
  isCounted: false,
  of: (event) => {
    const shape = of(event);
    return shape === undefined ? [] : [{ shape }];
  },
});

const always = (shape: Shape): Meaning => single({ shapes: [shape], of: () => shape });

/** A transaction event names its transaction, which is the contract. */
const onContract = (shape: Shape): Meaning =>
  single({ shapes: [shape], of: (event) => (event.contract === undefined ? undefined : shape) });

const observed: Shape = { type: "ObjectEvent", action: "OBSERVE" };
const commissioned: Shape = {
  type: "ObjectEvent",
  action: "ADD",
  bizStep: "commissioning",
  disposition: "active",
};
const everyStatus: readonly Shape[] = Object.values(statusMeanings);

const byStatus = single({
  shapes: everyStatus,
  of: (event) => {
    const status = statusAfter(event);
    return status === undefined ? undefined : statusMeanings[status];
  },
});

/** A tag that is written but on no thing yet is encoded; one on a thing is commissioned. */
const encoded: Shape = { ...commissioned, bizStep: "encoding" };
const created = single({
  shapes: [commissioned, encoded],
  of: (event) => (statusAfter(event) === "provisioned" ? encoded : commissioned),
});

const broughtBack: Shape = {
  type: "TransactionEvent",
  action: "DELETE",
  bizStep: "receiving",
  disposition: "returned",
};
/** Without a contract that the thing is out on there is no transaction that could end: it was only received. */
const receivedAlone: Shape = { ...broughtBack, type: "ObjectEvent", action: "OBSERVE" };
const pickedUp: Shape = { ...observed, bizStep: "collecting", disposition: "in_transit" };
const returned = single({
  shapes: [broughtBack, receivedAlone, pickedUp],
  of: (event) => {
    const { scan, was } = changeOf(event);
    if (scan?.type === "pickup") return pickedUp;
    // What was only set aside was never linked.
    return event.contract === undefined || was?.status === "staged" ? receivedAlone : broughtBack;
  },
});

/** A sighting leaves the disposition as it was, so it names none; a scan that was refused did not do what it is called after. */
const touched: Shape = { ...observed, bizStep: "cycle_counting" };
const counted: Shape = { ...observed, bizStep: "stock_taking" };
const sighted = single({
  shapes: [touched, counted, observed],
  of: (event) => {
    const type = changeOf(event).scan?.type;
    if (type === "touch") return touched;
    return type === "count" ? counted : observed;
  },
});

/** Notes and grades are nobody else's business. What was decommissioned and comes back is commissioned anew. */
const edited = single({
  shapes: [...everyStatus, commissioned, observed],
  of: (event) => {
    const { set = {}, was } = changeOf(event);
    if (set.status !== undefined)
      return was?.status === "retired" ? commissioned : statusMeanings[set.status];
    return set.place == null ? undefined : observed;
  },
});

const rented: Shape = {
  type: "TransactionEvent",
  action: "ADD",
  bizStep: "departing",
  disposition: "in_transit",
};

/**
 * What each kind of event means, by the table of business steps that the domain was given. A kind that is not here is left out of what
 * is exported: sites, sessions and contracts happen to no object, but for a merge, which moves the lots of one contract to another, and a scan of a tag nobody knows is told once the tag is
 * commissioned.
 */
export const meanings: ReadonlyMap<string, Meaning> = new Map(
  Object.entries<Meaning>({
    "item.created.v1": goingOn(created),
    "item.rented.v1": endingLinks(onContract(rented)),
    "item.staged.v1": endingLinks(always(statusMeanings.staged)),
    "item.delivered.v1": endingLinks(
      beginningLinks(always({ ...observed, bizStep: "arriving", disposition: "in_progress" })),
    ),
    "item.returned.v1": endingLinks(returned),
    "item.serviced.v1": endingLinks(byStatus),
    "item.found.v1": endingLinks(byStatus),
    "item.sighted.v1": endingLinks(sighted),
    "item.edited.v1": endingLinks(edited),
    "item.undone.v1": byStatus,
    "item.reassigned.v1": reassigned,
    "item.retagged.v1": retagged,
    "lot.recorded.v1": lotRecorded,
    "contract.merged.v1": merged,
    "contract.unmerged.v1": unmerged,
  }),
);
