import type { Contract, ContractMember, Flag, Item, Scan, ScanType } from "@tagwire/messages";
import type { PastScan } from "./past-scans.ts";

/** What a scan has to know of contracts. */
export type ContractsKnown = {
  /** The contract that a number stands for. */
  readonly contract: (number: string) => Contract | undefined;
  /** Where the item stands on contracts that it is not out on. */
  readonly standings: (tag: string, numbers: readonly string[]) => readonly ContractMember[];
  /** What sent the item out on contracts and brought it back, in the order of the log. */
  readonly past: (tag: string) => readonly PastScan[];
};
export const noContracts: ContractsKnown = { contract: () => undefined, standings: () => [], past: () => [] };

export const needsContract: ReadonlySet<ScanType> = new Set(["rental", "stage", "delivery"]);

type Taking =
  | { readonly kind: "takes"; readonly flags: readonly Flag[] }
  | { readonly kind: "refuses"; readonly why: string };

/** Whether the contract that a scan names takes the item, and what is odd about it; a scan without one has nothing to ask. */
export const contractTakes = (item: Item, scan: Scan, contracts: ContractsKnown, atMs: number): Taking => {
  if (!needsContract.has(scan.type) || scan.contract === undefined) return { kind: "takes", flags: [] };
  const contract = contracts.contract(scan.contract);
  // A tablet may know of a contract before the office has stated it: the scans open its record.
  if (contract === undefined) return { kind: "takes", flags: [] };
  // What left before the contract was closed did leave, however late the scan of it comes.
  if (contract.state !== "open" && atMs >= Date.parse(contract.stateAt))
    return { kind: "refuses", why: `contract ${contract.number} is ${contract.state}` };
  const { lines } = contract;
  const isOrdered = lines.length === 0 || lines.some(({ class: name }) => name === item.class);
  return { kind: "takes", flags: isOrdered ? [] : ["class_not_on_contract"] };
};

/** The scan with the number that its contract has now: a manual one may have been merged since the tablet heard of it. */
export const withRealContract = (scan: Scan, contracts: ContractsKnown): Scan => {
  const named = scan.contract?.trim();
  if (named === undefined) return scan;
  const contract = contracts.contract(named)?.number ?? named;
  return contract === scan.contract ? scan : { ...scan, contract };
};
