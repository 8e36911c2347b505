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

/**
 * Takes events back by compensating ones, the newest first, so that what depends on another is gone before it. Nothing is undone
 * when any of it cannot be, unless a part is wanted. `nextPos` is the position that the first compensating event will have.
 *
 * @throws Fault `event_unknown` when there is nothing at a position; `undo_refused` with the reason of the first that stays.
 */
export const decideUndo = (
  book: Book,
  body: UndoEvents,
  origin: Origin,
  { ground, nextPos }: { readonly ground: Ground; readonly nextPos: number },
): Undone => {
  const scratch = book.fork();
  const history = openHistory(ground.history ?? [], ground.targets ?? new Set());
  if (history.targets.length === 0) throw new Fault("event_unknown", "");
  const says: Said[] = [];
  const undone = history.targets.toReversed().map((event): UndoneEvent => {
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
  });
  for (const id of closedSessions(scratch, says)) {
    const restated = restatement(scratch, id, 0, origin);
    scratch.fold(restated, nextPos + says.length);
    says.push(restated);
  }
  return { says, undone, after: scratch };
};

/** What an undo comes to as a whole: what its receipt says. */
export const outcomeOf = (
  undone: readonly UndoneEvent[],
  { partial = false }: Pick<UndoEvents, "partial">,
) => {
  const refused = undone.find(({ outcome }) => outcome === "refused");
  const count = undone.filter(({ outcome }) => outcome === "undone").length;
  const isRefused = refused !== undefined && (!partial || count === 0);
  if (isRefused)
    return {
      outcome: "rejected" as const,
      code: "undo_refused" as const,
      message: `${refused.type} at ${refused.pos}: ${refused.reason}`,
    };
  const message = `${count} of ${undone.length} events were taken back`;
  return { outcome: count === 0 ? ("already_applied" as const) : ("accepted" as const), message };
};
