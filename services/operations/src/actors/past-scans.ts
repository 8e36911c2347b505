import { ItemCreated, ItemEdited, ItemSighted, movesOf, type ScanType } from "@tagwire/messages";
import { effective, type PastEvent } from "./undo-log.ts";

/*
 * Where a thing had been by time, and not by the order in which that came to be known: what a scan that comes late is told by.
 */

/** A scan or an edit that sends a thing out on a contract, or ends that it is out on one. */
export type PastScan = {
  readonly pos: number;
  readonly does: "goes_out" | "comes_back" | "is_taken_off";
  readonly at: string;
  readonly atMs: number;
  /** The contract that it goes out on; of a return the one that it named, as far as the log says. */
  readonly contract: string | undefined;
};

/** What has to be known of an event to tell whether it is one. */
export type PastStep = Pick<
  PastEvent,
  "pos" | "type" | "tag" | "contract" | "scannedAt" | "receivedAt" | "data"
>;

/** As much of the body of an item's event as says where it went. */
type Body = {
  readonly outcome?: string;
  readonly flags?: readonly string[];
  readonly scan?: { readonly type?: ScanType; readonly contract?: string };
  readonly set?: { readonly status?: string };
  readonly was?: { readonly contract?: string | null };
};

const doesOf: Partial<Record<ScanType, PastScan["does"]>> = {
  rental: "goes_out",
  delivery: "goes_out",
  return: "comes_back",
  pickup: "comes_back",
  service: "is_taken_off",
};

/** The contract that a return named: the log says it beside the one that the return ended, or in its place where it ended none. */
const namedBy = ({ type, contract, data }: PastStep): string | undefined =>
  (data as Body).scan?.contract ??
  (type === ItemSighted.type && movesOf(data).length === 0 ? contract : undefined);

/** What an event says of it; undefined where it says nothing: of refused scans, and of what a reader overheard. */
export const pastScanOf = (step: PastStep): PastScan | undefined => {
  const { pos, type, data } = step;
  const { outcome, flags = [], scan, set, was } = data as Body;
  const at = step.scannedAt ?? step.receivedAt;
  const when = { pos, at, atMs: Date.parse(at) };
  if (type === ItemEdited.type)
    return set?.status === undefined ? undefined : { ...when, does: "is_taken_off", contract: undefined };
  const does = scan?.type === undefined ? undefined : doesOf[scan.type];
  if (does === undefined || outcome === "rejected" || flags.includes("stray")) return undefined;
  if (does === "comes_back") return { ...when, does, contract: namedBy(step) };
  if (does === "is_taken_off") return { ...when, does, contract: undefined };
  // A thing that had arrived already stays on the contract that it arrived on, whatever another delivery names.
  const contract = (outcome === "already_applied" ? was?.contract : undefined) ?? step.contract;
  return contract === undefined ? undefined : { ...when, does, contract };
};

/** The past of a thing from the events of its tag, in the order of the log. */
export const pastOf = (steps: readonly PastStep[]): readonly PastScan[] => {
  const began = steps.findLastIndex(({ type }) => type === ItemCreated.type);
  return effective(steps.slice(began + 1)).flatMap((step) => pastScanOf(step) ?? []);
};

/** In the order of time; at the same instant in that of the log. */
export const inTime = (past: readonly PastScan[]): PastScan[] =>
  past.toSorted((left, right) => left.atMs - right.atMs);
