import type { Item } from "@tagwire/messages";
import { uuidv7 } from "uuidv7";
import type { Refusal } from "../../api/http.ts";
import { changeItem, type ItemChange } from "../../api/items.ts";
import { groupOf } from "../../words/statuses.ts";

/** Things that are changed by one act: more than a person looks through, and less than one undoing takes back. */
export const bulkItemsMax = 1_000;
/** Requests under way at once: others at the site are served meanwhile. */
const atOnce = 4;
const attemptsMax = 4;
const restMs = 500;

/** What would become of one thing: it is so already, or it cannot be, since it goes on under another tag. */
export type Foreseen = "changes" | "as_it_is" | "retagged";

export const foresee = (item: Item, change: ItemChange): Foreseen => {
  if ("place" in change) return item.place === change.place ? "as_it_is" : "changes";
  if (item.status === change.status) return "as_it_is";
  return item.replacedBy == null ? "changes" : "retagged";
};

/** Things that are with a client as far as is known: a status by hand says that they are not, and their return stays unrecorded. */
export const isOut = (item: Item): boolean => groupOf[item.status] === "out";

export type BulkOutcome = {
  readonly tag: string;
  readonly kind: "changed" | "as_it_was" | "changed_meanwhile" | "refused";
  /** Where the change stands in the log, for whoever takes it back. */
  readonly pos?: number;
  readonly message?: string;
};

const ofRefusal = (tag: string, { status, message }: Refusal): BulkOutcome =>
  status === 412 ? { tag, kind: "changed_meanwhile" } : { tag, kind: "refused", message };

type Run = {
  readonly site: string;
  readonly change: ItemChange;
  readonly signal: AbortSignal;
  readonly onOutcome: (outcome: BulkOutcome) => void;
};

const changeOne = async ({ site, change, signal }: Run, item: Item): Promise<BulkOutcome> => {
  const id = uuidv7();
  const { tag } = item;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await changeItem(site, item, change, { id, signal });
    if (answer.kind === "signed_out") return { tag, kind: "refused", message: "You are signed out." };
    if (answer.kind === "ok") {
      const { outcome, event } = answer.value;
      if (outcome !== "accepted") return { tag, kind: "as_it_was" };
      return { tag, kind: "changed", ...(event === undefined ? {} : { pos: event.pos }) };
    }
    const { refusal } = answer;
    if (!refusal.retryable || attempt === attemptsMax || signal.aborted) return ofRefusal(tag, refusal);
    await new Promise((resolve) => setTimeout(resolve, refusal.retryAfterMs ?? restMs * attempt));
  }
};

/** Changes things one by one, some at once, and tells of each what became of it. Never throws. */
export const changeAll = async (run: Run, items: readonly Item[]): Promise<void> => {
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) {
      if (run.signal.aborted) return;
      run.onOutcome(await changeOne(run, item));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
};
