import type { Receipt } from "@tagwire/messages";
import { dismissHeld } from "../api/boards.ts";
import type { Answer } from "../api/http.ts";
import { changeItem, fetchTimeline } from "../api/items.ts";
import { stockedBy, stockTag } from "../api/stock.ts";
import { type Undoing, undo } from "../api/undo.ts";
import type { Command } from "../outbox/command.ts";
import { leftBehindText, undoneText } from "../words/undo.ts";
import { letGoReason } from "./acts.ts";
import type { Told } from "./progress.ts";
import type { LaneWork } from "./work.ts";

const undoReason = "taken back in the exception lane";
const takenOffReason = "taken off again in the exception lane";

const told = <T>(answer: Answer<T>, read: (value: T) => Told): Told => {
  if (answer.kind === "signed_out") return { kind: "later" };
  if (answer.kind === "ok") return read(answer.value);
  const { retryable, message } = answer.refusal;
  return retryable ? { kind: "later" } : { kind: "refused", message };
};

const byReceipt = ({ outcome, event, message }: Receipt): Told => {
  if (outcome === "rejected") return { kind: "refused", message: message ?? "The record refused it." };
  return event === undefined ? { kind: "done" } : { kind: "done", pos: event.pos };
};

const takeBack = async (site: string, what: Undoing, id: string, reason: string): Promise<Told> =>
  told(await undo(site, what, { id, reason }), (undone) => {
    const refused = undone.undone.find(({ outcome }) => outcome === "refused");
    if (refused !== undefined) return { kind: "refused", message: undoneText(refused) };
    const left = leftBehindText(undone);
    return left === undefined ? byReceipt(undone.receipt) : { kind: "refused", message: left };
  });

/** The tag as the record writes it. */
const tagOf = ({ receipt, payload }: Command): string => receipt?.item?.tag ?? payload.tag;

/** Does at the record what somebody chose. Safe to repeat: `work.id` says that it is the same. A new scan goes the way of all scans. */
export const perform = async (command: Command, { act, id }: LaneWork): Promise<Told> => {
  const { site } = command;
  const tag = tagOf(command);
  switch (act.how) {
    case "take_back":
      return takeBack(site, { pos: act.pos }, id, takenOffReason);
    case "ready": {
      const which = { tag, version: act.version };
      const how = { id, signal: AbortSignal.timeout(performTimeoutMs) };
      return told(await changeItem(site, which, { status: "ready" }, how), byReceipt);
    }
    case "stock":
      return told(await stockTag(site, { tag, class: act.class }, id), () => ({ kind: "done" }));
    case "let_go": {
      const answer = await dismissHeld(site, { tag, id, reason: letGoReason });
      return told(answer, ({ receipt }) => byReceipt(receipt));
    }
    default:
      return { kind: "done" };
  }
};

/** What is asked of an item may take so long, in ms. */
const performTimeoutMs = 10_000;

/** Takes back at the record what was done. Safe to repeat. What was let go is undone by scanning it again, which is no part of this. */
export const performUndo = async (command: Command, { act, id, pos }: LaneWork): Promise<Told> => {
  const { site } = command;
  if (act.how === "stock") {
    const answer = await fetchTimeline(site, tagOf(command), {});
    if (answer.kind !== "ok") return told(answer, () => ({ kind: "done" }));
    const events = stockedBy(answer.value.data);
    return events.length === 0 ? { kind: "done" } : takeBack(site, { events }, id, undoReason);
  }
  return pos === undefined ? { kind: "done" } : takeBack(site, { pos }, id, undoReason);
};
