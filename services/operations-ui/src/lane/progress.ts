import type { Command } from "../outbox/command.ts";
import type { LaneAct, LaneWork } from "./work.ts";

/** How the record answered: `later` is no answer. */
export type Told =
  | { readonly kind: "done"; readonly pos?: number }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "later" };

/** A scan in the lane: it was odd, and nobody has let it go. */
export const isOpen = ({ lane }: Command): boolean => lane === undefined || lane.state === "open";
export const isSettled = ({ lane }: Command): boolean => lane?.state === "done";

/** Where a scan stands after its receipt and what was done about it. Refused ones wait for a person until something was done. */
export const stateInLane = ({ receipt, lane }: Pick<Command, "receipt" | "lane">): Command["state"] => {
  if (receipt === undefined || lane?.state === "done" || lane?.state === "undoing") return "odd";
  return receipt.outcome === "rejected" ? "attention" : "odd";
};

const withWork = (command: Command, lane: LaneWork): Command => ({
  ...command,
  lane,
  state: stateInLane({ ...command, lane }),
});

const reopened = ({ lane: _, ...command }: Command): Command => ({ ...command, state: stateInLane(command) });

/** Somebody pressed. What needs no word of the record is done with it. */
export const chosen = (command: Command, act: LaneAct, who: Pick<LaneWork, "id" | "by" | "atMs">): Command =>
  withWork(command, { act, ...who, state: act.how === "keep" ? "done" : "chosen" });

/** What came of it. Of a command whose choice was withdrawn meanwhile the answer still counts: the record has done it. */
export const answered = (command: Command, work: LaneWork, told: Told): Command => {
  const { wrong: _, ...rest } = work;
  if (told.kind === "later") return command;
  if (work.state === "undoing")
    return told.kind === "done"
      ? reopened(command)
      : withWork(command, { ...rest, state: "done", wrong: told.message });
  if (told.kind === "refused") return withWork(command, { ...rest, state: "open", wrong: told.message });
  return withWork(command, {
    ...rest,
    state: "done",
    ...(told.pos === undefined ? {} : { pos: told.pos }),
  });
};

/** Whether what was done can be taken back from here. */
export const canUndo = ({ lane }: Command): boolean => {
  if (lane?.state === "chosen") return lane.act.how !== "scan";
  if (lane?.state !== "done") return false;
  return (
    lane.act.how === "keep" || lane.act.how === "let_go" || lane.act.how === "stock" || lane.pos !== undefined
  );
};

/** Somebody takes it back. What the record was not told is simply not done; `id` is that of the undoing. */
export const undoing = (command: Command, id: string): Command => {
  const { lane } = command;
  if (lane === undefined || !canUndo(command)) return command;
  if (lane.state === "chosen" || lane.act.how === "keep") return reopened(command);
  return withWork(command, { ...lane, id, state: "undoing" });
};
