import type {
  EpcisAction,
  EpcisEventType,
  ItemChange,
  ItemCreated,
  ItemStatus,
  LoggedEvent,
} from "@tagwire/messages";

/** What an EPCIS event says happened, in the words of the Core Business Vocabulary. */
export type Shape = {
  readonly type: EpcisEventType;
  readonly action: EpcisAction;
  readonly bizStep?: string;
  readonly disposition?: string;
};

/** Goods without tags, by the name they were counted under; without a quantity it is not said how many. */
export type CountedLot = { readonly name: string; readonly quantity?: number };

/** One EPCIS event that an event of the log becomes. */
export type Telling = {
  readonly shape: Shape;
  /** What it is about; without them it is about the tag of the event. */
  readonly lots?: readonly CountedLot[];
  /** The contract it is on, where that is not the one that the log's event is on. */
  readonly contract?: string;
  /** The two sides of a merge name each other. */
  readonly mergedInto?: string;
  readonly mergedFrom?: string;
};

/** What one kind of event of the log means. */
export type Meaning = {
  /** Everything that `of` may give: by it a query knows which kinds of events it need not look at. */
  readonly shapes: readonly Shape[];
  /** Whether it is about quantities of goods without tags; about single things otherwise. */
  readonly isCounted: boolean;
  /** None where a single event says nothing that EPCIS has words for; several come in the order in which they hold. */
  readonly of: (event: LoggedEvent) => readonly Telling[];
};

export const changeOf = (event: LoggedEvent): Partial<ItemChange> => event.data as Partial<ItemChange>;

/** The item's status after the event; undefined for an event that is not about an item's state. */
export const statusAfter = (event: LoggedEvent): ItemStatus | undefined => {
  const { item } = event.data as Partial<ItemCreated>;
  const { set, was } = changeOf(event);
  return item?.status ?? set?.status ?? was?.status;
};
