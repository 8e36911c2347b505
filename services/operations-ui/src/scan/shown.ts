import type { Outcome, Receipt } from "@tagwire/messages";
import {
  ArrowUp,
  LockKeyhole,
  type LucideIcon,
  OctagonX,
  RefreshCw,
  Save,
  TriangleAlert,
} from "lucide-react";
import type { Tone } from "../look/tone.ts";
import type { Row } from "../outbox/rows.ts";
import type { HeldName } from "../prefetch/names.ts";
import { codeWord, flagWord, outcomeWords } from "../words/outcomes.ts";
import { standingText } from "../words/statuses.ts";

export type RowShown = {
  readonly icon: LucideIcon;
  readonly word: string;
  readonly tone: Tone;
  readonly note: string;
};

/** What was taken and is odd all the same must not look like any other: whoever holds the thing may be the only one to know why. */
const taken = (outcome: Outcome, remarks: readonly string[]) =>
  outcome === "accepted" && remarks.length > 0
    ? { ...outcomeWords.accepted, icon: TriangleAlert, tone: "inService" as const }
    : outcomeWords[outcome];

/** How far the screens have followed the record; undefined while that is not known. */
export type Seen = { readonly epoch: number; readonly pos: number } | undefined;

/** Whether what a receipt tells is on the screens, too: only then do all of them say the same. */
export const isConfirmed = ({ event }: Receipt, seen: Seen): boolean =>
  event === undefined ||
  (seen !== undefined && (seen.epoch > event.epoch || (seen.epoch === event.epoch && seen.pos >= event.pos)));

/** How a scan that has no receipt is shown: never dressed as success. */
const unansweredShown = (row: Row, absent: readonly string[]): RowShown => {
  if (row.state === "refused")
    return { icon: OctagonX, word: "Not recorded", tone: "missing", note: row.refusal?.message ?? "" };
  if (absent.includes(row.by)) {
    const note = `${row.by} made it: it is sent when they sign in again`;
    return { icon: LockKeyhole, word: "Not sent yet", tone: "inService", note };
  }
  switch (row.state) {
    case "held":
      return { icon: OctagonX, word: "Not saved", tone: "missing", note: "This device cannot save it now" };
    case "saved":
      return { icon: Save, word: "Saved here", tone: "ended", note: "Not confirmed yet" };
    case "unanswered":
      return { icon: RefreshCw, word: "No answer yet", tone: "inService", note: "Saved here, trying again" };
    default:
      return { icon: ArrowUp, word: "Sending", tone: "ended", note: "Not confirmed yet" };
  }
};

/** What this device guesses of a thing until the record has answered; nothing afterwards. */
export const guessText = (row: Row, held: HeldName | undefined): string | undefined => {
  if (row.receipt !== undefined || held === undefined) return undefined;
  const on = held.contract === null ? "" : ` on ${held.contract}`;
  return `${held.name ?? held.class}, last known ${standingText(held.status)}${on}`;
};

/** How a scan is shown on its way from this device to the screens of all. */
export const rowShown = (row: Row, absent: readonly string[]): RowShown => {
  if (row.receipt === undefined) return unansweredShown(row, absent);
  const { outcome, code, message, item, flags = [] } = row.receipt;
  const remarks = flags.filter((flag) => flag !== code).map((flag) => `${flagWord(flag)}.`);
  const said = code === undefined ? message : codeWord(code);
  // "Now" below a refusal would read as if the scan had led there.
  const since = outcome === "rejected" ? "Still" : "Now";
  const notes = [
    ...(item === undefined ? [] : [`${since} ${standingText(item.status)}.`]),
    ...(said === undefined ? [] : [said]),
    ...remarks,
  ];
  return { ...taken(outcome, [...remarks, ...(code === undefined ? [] : [code])]), note: notes.join(" ") };
};
