import type {
  ContractMerged,
  ContractUnmerged,
  ItemStatus,
  LoggedEvent,
  LotRecorded,
} from "@tagwire/messages";
import { type CountedLot, changeOf, type Meaning, type Shape, statusAfter, type Telling } from "./shape.ts";
import { statusMeanings } from "./status-meaning.ts";

/*
 * A transaction of EPCIS is what a thing is linked to by ADD and freed from by DELETE. A manual contract that is merged frees what is on it,
 * and the contract that it turned out to be takes it: two transaction events, in this order, which name each other.
 *
 * Nothing moves when paper is put right, so the steps say what the paper said: under the manual number the thing is declared not to have
 * been shipped (`void_shipping`, CBV 2.0 §7.1), under the real one it departed, or arrived where it is known to be with the customer.
 */

type Pair = { readonly freed: Shape; readonly taken: Shape };

const pairOf = (freedBy: string, takenBy: string, disposition: string | undefined): Pair => ({
  freed: {
    type: "TransactionEvent",
    action: "DELETE",
    bizStep: freedBy,
    ...(disposition === undefined ? {} : { disposition }),
  },
  taken: {
    type: "TransactionEvent",
    action: "ADD",
    bizStep: takenBy,
    ...(disposition === undefined ? {} : { disposition }),
  },
});

/** What is only set aside has not left under either number. */
const pairsByStatus: Readonly<Record<string, Pair>> = {
  staged: pairOf("staging_outbound", "staging_outbound", statusMeanings.staged.disposition),
  on_rent: pairOf("void_shipping", "departing", statusMeanings.on_rent.disposition),
  delivered: pairOf("void_shipping", "arriving", statusMeanings.delivered.disposition),
};
/** On a contract and neither set aside nor with the customer: nobody knows where. */
const astray = pairOf("void_shipping", "departing", statusMeanings.missing.disposition);

const pairFor = (status: ItemStatus | undefined): Pair => pairsByStatus[status ?? ""] ?? astray;

type Sides = { readonly from: string; readonly into: string; readonly lots?: readonly CountedLot[] };

const tellingsOf = ({ freed, taken }: Pair, { from, into, lots }: Sides): readonly Telling[] => {
  const what = lots === undefined ? {} : { lots };
  return [
    { shape: freed, contract: from, mergedInto: into, ...what },
    { shape: taken, contract: into, mergedFrom: from, ...what },
  ];
};

const shapesOf = (pairs: readonly Pair[]): readonly Shape[] =>
  pairs.flatMap(({ freed, taken }) => [freed, taken]);

/** A thing that is out on a manual contract is out on the real one from now on. */
export const reassigned: Meaning = {
  shapes: shapesOf([...Object.values(pairsByStatus), astray]),
  isCounted: false,
  of: (event) => {
    const from = changeOf(event).was?.contract;
    const into = event.contract;
    if (into === undefined) return [];
    const pair = pairFor(statusAfter(event));
    // An event that does not say what it was on before frees nothing.
    return from == null ? [{ shape: pair.taken }] : tellingsOf(pair, { from, into });
  },
};

/** Hand counts come without a word on where the goods went, so of them it is said that they were counted: on, or off again. */
const counted = pairOf("stock_taking", "stock_taking", undefined);

/** One event lists so many; what is beyond goes into further pairs, since an answer has to hold an event whole. */
const lotsPerEventMax = 200;

const lotsLeft = ({ lots }: Pick<ContractMerged, "lots">): CountedLot[] =>
  Object.entries(lots).flatMap(([name, { added, removed }]) =>
    added > removed ? [{ name, quantity: added - removed }] : [],
  );

const slicesOf = (lots: readonly CountedLot[]): readonly (readonly CountedLot[])[] =>
  Array.from({ length: Math.ceil(lots.length / lotsPerEventMax) }, (_, index) =>
    lots.slice(index * lotsPerEventMax, (index + 1) * lotsPerEventMax),
  );

/** The lots on a manual contract go over as they stand; its things have events of their own. */
export const merged: Meaning = {
  shapes: shapesOf([counted]),
  isCounted: true,
  of: (event) => {
    const data = event.data as ContractMerged;
    const lots = lotsLeft(data);
    if (event.contract === undefined) return [];
    const sides = { from: event.contract, into: data.into };
    return slicesOf(lots).flatMap((slice) => tellingsOf(counted, { ...sides, lots: slice }));
  },
};

/** That somebody looked at a count again: no quantity goes on or off by it. */
const lookedAt: Shape = { type: "ObjectEvent", action: "OBSERVE", bizStep: "stock_taking" };

/** A merge was taken back, which its pairs say themselves: here it is only said which lots were looked at again. */
export const unmerged: Meaning = {
  shapes: [lookedAt],
  isCounted: true,
  of: (event) => {
    const lots = lotsLeft(event.data as ContractUnmerged).map(({ name }) => ({ name }));
    return slicesOf(lots).map((slice) => ({ shape: lookedAt, lots: slice }));
  },
};

/**
 * Goods counted by hand: ADD puts them on the contract, DELETE takes them off, so that the sum over a contract is what is on it. A count
 * that takes another one back moves nothing: that other one says itself that it did not occur, and whoever summed up both would take it
 * off twice.
 */
export const lotRecorded: Meaning = {
  shapes: shapesOf([counted]).concat(lookedAt),
  isCounted: true,
  of: (event: LoggedEvent) => {
    const { name, quantity, action, undoes } = event.data as LotRecorded;
    if (undoes !== undefined) return [{ shape: lookedAt, lots: [{ name }] }];
    return [{ shape: action === "added" ? counted.taken : counted.freed, lots: [{ name, quantity }] }];
  },
};
