import type { WarehouseContract } from "./contracts.ts";

export type ScanType = "rental" | "stage" | "return" | "delivery" | "pickup" | "touch" | "service";
export type SessionMode = "checkout" | "return" | "count" | "service" | "laundry";

/** Signs of wear that a scan may carry. Absent as a whole where nobody looked. */
export type ScanCondition = Readonly<
  Record<"wet" | "dirty" | "leaves" | "mold" | "stain" | "rip" | "grommet", boolean>
>;

/** What is wrong with a scan, for those who want to count; no system is told. */
export type ScanFlaw =
  | "resent"
  | "scanned_twice"
  | "unknown_tag"
  | "future_clock"
  | "returned_twice"
  | "odd_contract";

export type WarehouseScan = {
  /** A UUID of version 7, made by the device. A scan that is sent again keeps it. */
  readonly id: string;
  readonly tag: string;
  readonly type: ScanType;
  /** By the device's clock, whole seconds. */
  readonly scannedAtMs: number;
  readonly contract: string | null;
  readonly place: string | null;
  readonly quality: string | null;
  /** Only with type `service`. */
  readonly status: "ready" | "inspect" | "repair" | "wash" | "wet" | null;
  readonly condition: ScanCondition | null;
  readonly flaws: readonly ScanFlaw[];
};

/** A device uploads a session, or a part of it. */
export type ScanSessionAct = {
  readonly kind: "scan-session";
  /** When the upload comes, by the true clock. */
  readonly atMs: number;
  /** When it was really scanned. */
  readonly happenedAtMs: number;
  readonly device: string;
  readonly session: {
    readonly id: string;
    readonly mode: SessionMode;
    readonly contract: string | null;
    readonly place: string | null;
    readonly scanCount: number;
  };
  /** Which part this is, from 1, and of how many. */
  readonly part: { readonly number: number; readonly of: number };
  readonly scans: readonly WarehouseScan[];
};

/** The office opens or closes a contract; that comes at once. */
export type ContractAct = {
  readonly kind: "contract-opened" | "contract-closed";
  readonly atMs: number;
  readonly contract: WarehouseContract;
};

export type WarehouseAct = ScanSessionAct | ContractAct;
