import type { EpcisAction, EpcisEventType } from "@tagwire/messages";

/** What an EPCIS event says happened, in the words of the Core Business Vocabulary. */
export type Shape = {
  readonly type: EpcisEventType;
  readonly action: EpcisAction;
  readonly bizStep?: string;
  readonly disposition?: string;
};
