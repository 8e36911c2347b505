/** What RFIDpro keeps: rental classes ("seed data"), the item master, and one row for each scan. */
export type RfidproSet = "classes" | "items" | "transactions";

/** A row as it goes over the wire. */
export type RfidproRow = Readonly<Record<string, unknown>>;

/** A transaction is there from the moment on at which it was uploaded, which may be days after it was scanned. */
export type RfidproUpload = { readonly arrivesAtMs: number; readonly row: RfidproRow };

export type RfidproData = {
  readonly classes: readonly RfidproRow[];
  readonly items: readonly RfidproRow[];
  /** In the order of their arrival. */
  readonly uploads: readonly RfidproUpload[];
};

/** How many there are in the real deployment. */
export const realCounts = { classes: 905, items: 12_477, transactions: 26_574 } as const;

/** The field that names a row; transactions have none. */
export const keyFields = { classes: "rental_class_id", items: "tag_id" } as const;
