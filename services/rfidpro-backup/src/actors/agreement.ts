import type { RfidproAgreement, RfidproDifferenceClass } from "@tagwire/messages";
import { isOfRfidproAlone } from "./compare-item.ts";
import type { TagCompared } from "./compare-tag.ts";
import { type Found, sideOf } from "./found.ts";

/** What agrees among a smaller share than this says nothing of the rest, to which something happened meanwhile. */
const judgedShareMin = 0.9;

/** The score of a comparison; null as well where too much was pending for it to speak for the whole. */
export const spokenScore = ({ score, items, scans }: RfidproAgreement): number | null => {
  const compared = items.compared + scans.compared;
  const judged = compared - items.pending - scans.pending;
  return judged >= judgedShareMin * compared ? score : null;
};

type Counts = { compared: number; agreed: number; differing: number; pending: number; ahead: number };
const noCounts = (): Counts => ({ compared: 0, agreed: 0, differing: 0, pending: 0, ahead: 0 });

export type Tally = {
  readonly addTag: (compared: TagCompared) => void;
  readonly addFault: (found: Found) => void;
  /** Rental classes of which both sides have another number of things. */
  readonly quantities: () => Found[];
  /** Rental classes of whose things one moved in or out of a side while RFIDpro was read: how many there are is not settled. */
  readonly unsettled: () => ReadonlySet<string>;
  readonly agreement: () => RfidproAgreement;
};

/** Adds up what a comparison sees, tag by tag. It grows with the number of rental classes, and with nothing else. */
export const createTally = (): Tally => {
  const items = noCounts();
  const scans = noCounts();
  const faults = { duplicate: 0, malformed: 0, unexplained: 0 };
  const classes = new Map<RfidproDifferenceClass, number>();
  const quantities = new Map<string, { rfidpro: number; operations: number }>();
  const unsettled = new Set<string>();

  const count = (found: Found) => {
    const { class: name } = found;
    if (isOfRfidproAlone(found)) faults.unexplained += 1;
    classes.set(name, (classes.get(name) ?? 0) + 1);
    if (name === "duplicate" || name === "malformed") faults[name] += 1;
  };

  const countThing = (name: string | null, side: "rfidpro" | "operations") => {
    if (name === null) return;
    const sums = quantities.get(name) ?? { rfidpro: 0, operations: 0 };
    sums[side] += 1;
    quantities.set(name, sums);
  };

  const addItem = ({ item }: TagCompared) => {
    if (item === "none") return;
    if (item !== "ahead") items.compared += 1;
    items[item] += 1;
  };

  const addScans = ({ scans: { compared, agreed, pending, ahead } }: TagCompared) => {
    scans.compared += compared;
    scans.agreed += agreed;
    scans.pending += pending;
    scans.ahead += ahead;
    scans.differing += compared - agreed - pending;
  };

  // A thing that both sides have in one class adds nothing to what they differ by, whatever happens to it.
  const addThing = ({ classes: { rfidpro, operations }, isTouched }: TagCompared) => {
    countThing(rfidpro, "rfidpro");
    countThing(operations, "operations");
    if (!isTouched || rfidpro === operations) return;
    for (const name of [rfidpro, operations]) if (name !== null) unsettled.add(name);
  };

  return {
    addTag: (compared) => {
      addItem(compared);
      addScans(compared);
      for (const found of compared.found) count(found);
      addThing(compared);
    },
    addFault: count,
    quantities: () => {
      const found = [...quantities]
        .filter(([, { rfidpro, operations }]) => rfidpro !== operations)
        .map(
          ([name, { rfidpro, operations }]): Found => ({
            ...{ class: "quantity_mismatch", kind: "class", key: name, tag: null, fields: ["quantity"] },
            rfidpro: sideOf({ class: name, quantity: rfidpro }),
            operations: sideOf({ class: name, quantity: operations }),
          }),
        );
      for (const one of found) count(one);
      return found;
    },
    unsettled: () => unsettled,
    agreement: () => {
      const told = items.agreed + items.differing + scans.agreed + scans.differing;
      return {
        score: told === 0 ? null : (items.agreed + scans.agreed) / told,
        items: { ...items },
        scans: { ...scans },
        faults: { ...faults },
        classes: Object.fromEntries(classes),
      };
    },
  };
};
