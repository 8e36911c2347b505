import { Fault, type UndoEvents, type UndoneEvent } from "@tagwire/messages";
import type { Book } from "./book.ts";
import type { Compensation, Undoing } from "./compensation.ts";
import type { Origin, Said } from "./decision.ts";
import type { Ground } from "./known.ts";
import { restatement } from "./session-close.ts";
import { openHistory, type PastEvent } from "./undo-log.ts";
import { takeBackOf } from "./undo-table.ts";

/** What is said, what became of each event, and the site as it is afterwards. */
export type Undone = {
  readonly says: readonly Said[];
  readonly undone: readonly UndoneEvent[];
  readonly after: Book;
};

/** What became of an event, with what names it. */
const told = (
  { pos, type, tag, contract }: PastEvent,
  { verdict, says }: Compensation,
  by: number | undefined,
): UndoneEvent => ({
  pos,
  type,
  ...(tag === undefined ? {} : { tag }),
  ...(contract === undefined ? {} : { contract }),
  ...verdict,
  ...(says.length === 0 || by === undefined ? {} : { by }),
});

/** Everything that is said to take an event back says why, where somebody did. */
const withReason = (compensation: Compensation, reason: string | undefined): Compensation =>
  reason === undefined
    ? compensation
    : {
        ...compensation,
        says: compensation.says.map((said) => ({ ...said, data: { ...said.data, reason: reason.trim() } })),
      };

/** Sessions that are closed, and of whose scans some were taken back, or are there again. */
const closedSessions = (book: Book, says: readonly Said[]): string[] => {
  const touched = new Set(says.flatMap(({ tag, session }) => (tag === undefined ? [] : (session ?? []))));
  return [...touched].filter((id) => book.session(id)?.state === "closed");
};

/** An undo that goes on event by event: whoever has many of them lets others do something in between. */
export type UndoSteps = {
  /** What is to be taken back, the newest first. */
  readonly targets: readonly PastEvent[];
  /** Takes the next one of them back. @throws Fault `undo_refused` when it stays, unless it is only tried or a part is wanted. */
  readonly takeBack: (event: PastEvent) => UndoneEvent;
  /** All that was said, and of sessions that are closed what they are now. */
  readonly end: () => Pick<Undone, "says" | "after">;
};

/**
 * Begins to take events back by compensating ones, the newest first, so that what depends on another is gone before it. `nextPos` is the
 * position that the first compensating event will have.
 *
 * @throws Fault `event_unknown` when there is nothing at a position.
 */
export const beginUndo = (
  book: Book,
  body: UndoEvents,
  origin: Origin,
  { ground, nextPos }: { readonly ground: Ground; readonly nextPos: number },
): UndoSteps => {
  const scratch = book.fork();
  const history = openHistory(ground.history ?? [], ground.targets ?? new Set());
  if (history.targets.length === 0) throw new Fault("event_unknown", "");
  const says: Said[] = [];
  return {
    targets: history.targets.toReversed(),
    takeBack: (event) => {
      const by = nextPos + says.length;
      const undoing: Undoing = { event, book: scratch, history, origin, nextPos: by };
      const compensation = withReason(takeBackOf(event)(undoing), body.reason);
      const { outcome, reason } = compensation.verdict;
      if (outcome === "refused" && body.partial !== true && !body.preview)
        throw new Fault("undo_refused", `${event.type} at ${event.pos}: ${reason}`);
      for (const said of compensation.says) {
        const pos = nextPos + says.length;
        // The next one is decided on a log that has the end of this one in it.
        const { epoch, recordedAt } = event;
        history.add({ epoch, recordedAt, ...said, pos } as PastEvent);
        scratch.fold(said, pos);
        says.push(said);
      }
      return told(event, compensation, body.preview ? undefined : by);
    },
    end: () => {
      for (const id of closedSessions(scratch, says)) {
        const restated = restatement(scratch, id, 0, origin);
        scratch.fold(restated, nextPos + says.length);
        says.push(restated);
      }
      return { says, after: scratch };
    },
  };
};

/**
 * Takes events back: see {@link beginUndo}. Nothing is undone when any of it cannot be, unless a part is wanted.
 *
 * @throws Fault `event_unknown` when there is nothing at a position; `undo_refused` with the reason of the first that stays.
 */
export const decideUndo = (...given: Parameters<typeof beginUndo>): Undone => {
  const steps = beginUndo(...given);
  const undone = steps.targets.map(steps.takeBack);
  return { undone, ...steps.end() };
};

/** Why an undo is refused as a whole: the first that stays. Undefined where it is not, or where a part is enough. */
export const refusalOf = (
  undone: readonly UndoneEvent[],
  { partial = false }: Pick<UndoEvents, "partial">,
): string | undefined => {
  const refused = undone.find(({ outcome }) => outcome === "refused");
  const isRefused =
    refused !== undefined && (!partial || undone.every(({ outcome }) => outcome !== "undone"));
  return isRefused ? `${refused.type} at ${refused.pos}: ${refused.reason}` : undefined;
};

/** How many of them were taken back. */
export const countUndone = (undone: readonly UndoneEvent[]): number =>
  undone.filter(({ outcome }) => outcome === "undone").length;

/** What an undo comes to as a whole: what its receipt says. */
export const outcomeOf = (undone: readonly UndoneEvent[], body: Pick<UndoEvents, "partial">) => {
  const refusal = refusalOf(undone, body);
  if (refusal !== undefined)
    return { outcome: "rejected" as const, code: "undo_refused" as const, message: refusal };
  const count = countUndone(undone);
  const message = `${count} of ${undone.length} events were taken back`;
  return { outcome: count === 0 ? ("already_applied" as const) : ("accepted" as const), message };
};

/** The same of one that was taken back in parts: a fact that came between may have stopped it half way. */
export const outcomeOfParts = (undone: readonly UndoneEvent[], body: Pick<UndoEvents, "partial">) => {
  const refusal = refusalOf(undone, body);
  if (refusal === undefined || countUndone(undone) === 0) return outcomeOf(undone, body);
  return {
    outcome: "accepted" as const,
    code: "undo_refused" as const,
    message: `${countUndone(undone)} of ${undone.length} events were taken back, and the others stay: ${refusal}`,
  };
};
