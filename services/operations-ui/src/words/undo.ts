import type { Condition, Receipt, UndoneEvent } from "@tagwire/messages";
import { eventShown } from "./events.ts";
import { isStatus, statusWord } from "./statuses.ts";
import { conditionText } from "./work.ts";

/** Fields that people know, by their words. What else stands there again is the record's own bookkeeping, and is not told. */
const fieldWords: Readonly<Record<string, string>> = {
  class: "class",
  client: "client",
  contract: "contract",
  grade: "grade",
  kind: "kind",
  leg: "trip",
  mergedInto: "merged into",
  name: "name",
  notes: "notes",
  place: "place",
  quality: "quality",
  role: "role",
  sku: "SKU",
  state: "state",
  vendor: "vendor",
};

const isText = (value: unknown): value is string | number =>
  typeof value === "string" || typeof value === "number";

/** One field as it stands again; undefined for one that nobody would know. */
const againText = (field: string, value: unknown): string | undefined => {
  if (field === "status" && typeof value === "string")
    return isStatus(value) ? statusWord(value).toLowerCase() : value;
  if (field === "condition") {
    const condition = conditionText(value as Condition | null);
    return condition === undefined ? "no condition" : `condition ${condition}`;
  }
  const word = fieldWords[field];
  if (word === undefined) return undefined;
  if (value === null) return `no ${word}`;
  return isText(value) ? `${word} ${String(value).replaceAll("_", " ")}` : undefined;
};

/** What stands there again once something was taken back; undefined where it is nothing that people would know. */
export const setText = (set: Readonly<Record<string, unknown>> | undefined): string | undefined => {
  const texts = Object.entries(set ?? {}).flatMap(([field, value]) => againText(field, value) ?? []);
  return texts.length === 0 ? undefined : texts.join(", ");
};

/** A type of event within a sentence by the words that the timeline has for it: `item.returned.v1` is “Returned”. */
const inWords = (text: string): string =>
  text.replaceAll(/\b[a-z]+\.[a-z_]+\.v\d+\b/g, (type) => `“${eventShown(type).word}”`);

const sentence = (text: string): string => {
  const begun = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
};

/** What would become of one event, in a sentence. */
export const undoneText = (event: UndoneEvent): string => {
  const { outcome, type, pos, reason, blockedBy, instead, set } = event;
  const what = `${eventShown(type).word} at position ${pos}`;
  if (outcome === "nothing_to_undo") return `${what}: there is nothing to take back.`;
  if (outcome === "undone") {
    const again = setText(set);
    return `${what} is taken back${again === undefined ? "" : `: ${again} again`}.`;
  }
  const because = reason === undefined ? "" : ` ${sentence(inWords(reason))}`;
  // The reason may name that position and say so itself.
  const isSaid = reason?.includes(` at ${blockedBy} came after it: take that back first`) === true;
  const first = blockedBy === undefined || isSaid ? "" : ` Take back position ${blockedBy} first.`;
  const other = instead === undefined ? "" : ` What is wanted is done by: ${instead}.`;
  return `${what} cannot be taken back.${because}${first}${other}`;
};

/** What an undo that is done has left, so that nobody takes it for all of it; undefined where it has left nothing. */
export const leftBehindText = ({
  receipt,
  undone,
}: {
  readonly receipt: Pick<Receipt, "code" | "message">;
  readonly undone: readonly UndoneEvent[];
}): string | undefined => {
  const { code, message = "" } = receipt;
  const isLeft = code === "undo_refused" || undone.some(({ outcome }) => outcome === "refused");
  return isLeft ? `Not all of it: ${inWords(message)}.` : undefined;
};
