import type { Receipt, UndoneEvent } from "@tagwire/messages";
import { eventShown } from "./events.ts";
import { isStatus, statusWord } from "./statuses.ts";

/** What stands there again once something was taken back. */
export const setText = (set: Readonly<Record<string, unknown>> | undefined): string | undefined => {
  const texts = Object.entries(set ?? {}).map(([field, value]) => {
    if (value === null) return `no ${field}`;
    if (field === "status" && typeof value === "string" && isStatus(value))
      return statusWord(value).toLowerCase();
    return `${field} ${typeof value === "object" ? JSON.stringify(value) : value}`;
  });
  return texts.length === 0 ? undefined : texts.join(", ");
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
  const because = reason === undefined ? "" : ` ${reason}`;
  const first = blockedBy === undefined ? "" : ` Take back position ${blockedBy} first.`;
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
  return isLeft ? `Not all of it: ${message}.` : undefined;
};
