import type { RfidproDifference, RfidproDifferenceClass } from "@tagwire/messages";

/** Of which data sets everything was read, from the beginning to the end. */
export type ReadWhole = { readonly items: boolean; readonly transactions: boolean };

type Kind = RfidproDifference["kind"];

const ofItems = { items: true, transactions: false } as const;
const ofScans = { items: false, transactions: true } as const;
const ofBoth = { items: true, transactions: true } as const;

/**
 * What has to be read whole before a run that does not see a difference any more says that it is over: everything that it could be seen in.
 * No blanks, so that the compiler asks about every class.
 */
const needs: Readonly<Record<RfidproDifferenceClass, Readonly<Partial<Record<Kind, ReadWhole>>>>> = {
  only_in_rfidpro: { item: ofItems, scan: ofScans },
  missing_from_rfid: { item: ofItems },
  only_in_ops: { scan: ofScans },
  status_mismatch: { item: ofItems },
  location_mismatch: { item: ofItems },
  quantity_mismatch: { class: ofItems },
  return_not_recorded: { item: ofItems },
  double_booked: { item: ofItems },
  // An item's date is explained by a scan, or not: without all scans nobody looked for it.
  state_without_event: { item: ofBoth },
  late_upload: { scan: ofScans },
  clock_skew: { scan: ofScans },
  duplicate: { item: ofItems, scan: ofScans },
  malformed: { item: ofItems, scan: ofScans },
};

/** A class of difference in things of one kind. */
export type Told = { readonly class: RfidproDifferenceClass; readonly kind: Kind };

/** Everything that a run could have told, so that what it did not see of it is not there any more. */
export const couldTell = (read: ReadWhole): Told[] =>
  Object.entries(needs).flatMap(([name, kinds]) =>
    Object.entries(kinds).flatMap(([kind, { items, transactions }]) =>
      (items && !read.items) || (transactions && !read.transactions)
        ? []
        : [{ class: name as RfidproDifferenceClass, kind: kind as Kind }],
    ),
  );
