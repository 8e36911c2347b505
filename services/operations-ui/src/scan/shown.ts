import type { Outcome } from "@tagwire/messages";
import { ArrowUp, LockKeyhole, type LucideIcon, OctagonX, RefreshCw, TriangleAlert } from "lucide-react";
import type { Tone } from "../look/tone.ts";
import { codeWord, flagWord, outcomeWords } from "../words/outcomes.ts";
import { statusWord } from "../words/statuses.ts";
import type { Sending } from "./sender.ts";

export type SendingShown = {
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

/** How a scan on its way is shown. "Sending" is never dressed as success: only a receipt is. */
export const sendingShown = (row: Sending, absent: readonly string[]): SendingShown => {
  const isAbsent = (row.state === "sending" || row.state === "unanswered") && absent.includes(row.by);
  if (row.state === "sending" && !isAbsent)
    return { icon: ArrowUp, word: "Sending", tone: "ended", note: "Not confirmed yet" };
  if (isAbsent) {
    const note = `${row.by} made it: it is sent when they sign in again`;
    return { icon: LockKeyhole, word: "Not sent yet", tone: "inService", note };
  }
  if (row.state === "unanswered") {
    return {
      icon: RefreshCw,
      word: "No answer yet",
      tone: "inService",
      note: `Asked ${row.tries} times, trying again`,
    };
  }
  if (row.receipt === undefined) {
    return { icon: OctagonX, word: "Not recorded", tone: "missing", note: row.refusal?.message ?? "" };
  }
  const { outcome, code, message, item, flags = [] } = row.receipt;
  const remarks = flags.filter((flag) => flag !== code).map((flag) => `${flagWord(flag)}.`);
  const said = code === undefined ? message : codeWord(code);
  const notes = [
    ...(item === undefined ? [] : [`Now ${statusWord(item.status).toLowerCase()}.`]),
    ...(said === undefined ? [] : [said]),
    ...remarks,
  ];
  return { ...taken(outcome, [...remarks, ...(code === undefined ? [] : [code])]), note: notes.join(" ") };
};
