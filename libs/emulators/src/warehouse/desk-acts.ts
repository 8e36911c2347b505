import type { ContractLine } from "./contracts.ts";

/** A row of a file from the point of sale: what is absent is not touched. */
export type FileRow = {
  /** The same row of the same file has the same id, however often the file is sent. */
  readonly id: string;
  readonly tag: string;
  /** The name of its class. */
  readonly class: string;
  readonly name?: string;
  readonly quality?: string;
  readonly place?: string;
  readonly status?: "ready" | "repair";
};

/** What is done at a desk with papers and labels, and changes what the floor scans from then on. */
export type DeskAct = { readonly atMs: number; readonly id: string } & (
  | {
      readonly kind: "contract-amended";
      readonly contract: string;
      readonly lines: readonly ContractLine[];
      readonly dueAtMs: number;
    }
  /** Somebody brings what was forgotten, so the contract is closed no longer; or the cleaner has it again. */
  | { readonly kind: "contract-reopened" | "laundry-reactivated"; readonly contract: string }
  /** What the floor wrote by hand turns out to be this contract. */
  | { readonly kind: "contract-merged"; readonly contract: string; readonly into: string }
  | { readonly kind: "item-retagged"; readonly tag: string; readonly to: string }
  | { readonly kind: "item-ended"; readonly tag: string; readonly status: "retired" | "sold" | "missing" }
  /** The tags that an act made are printed and on things: these are ready to rent. */
  | { readonly kind: "tags-printed"; readonly made: string }
  | { readonly kind: "file-imported"; readonly rows: readonly FileRow[] }
  /** Scans of a tag that is none of the house's are put aside. */
  | { readonly kind: "held-dismissed"; readonly tag: string; readonly reason: string }
);
