import type {
  ConfirmedTags,
  Contract,
  Item,
  Receipt,
  RentalClass,
  Session,
  UndoneEvent,
} from "@tagwire/messages";

/** The receipt of an act, and what it is about as it is afterwards. */
export type Answer = {
  readonly receipt: Receipt;
  readonly item: Item | null;
  readonly contract?: Contract;
  readonly session?: Session;
  readonly rentalClass?: RentalClass;
  /** Whether the item is there since this act. */
  readonly isCommissioned?: true;
  /** Tags that were made. */
  readonly tags?: readonly string[];
  /** How tags stand whose labels were confirmed. */
  readonly confirmed?: ConfirmedTags;
  readonly undone?: readonly UndoneEvent[];
  /** Scans that were dismissed, by id. */
  readonly dismissed?: readonly string[];
};
