import type { EventType, LoggedEvent } from "@tagwire/messages";
import { never, nothing, refused, type TakeBack } from "./compensation.ts";
import { takeBackBegun, takeBackWithdrawal } from "./undo-begun.ts";
import { takeBackDescription } from "./undo-class.ts";
import { takeBackAmendment, takeBackLot, takeBackOpening, takeBackState } from "./undo-contract.ts";
import { takeBackItem } from "./undo-item.ts";
import { takeBackMerge } from "./undo-merge.ts";
import { takeBackBeginning, takeBackRetag, takeBackUndo } from "./undo-retag.ts";
import { takeBackClose } from "./undo-session.ts";
import { takeBackTrip } from "./undo-trip.ts";

const instead = "POST /sessions/{id}:declare";

/**
 * How each kind of event is taken back, or why it is not. No blanks: the compiler asks about every kind, also one that is new.
 *
 * Taken back is what can be as it was before. What would only be stated anew, has begun something that others name, or follows from
 * something else is refused, with the operation that does what is wanted.
 */
const table: Readonly<Record<EventType, TakeBack>> = {
  "site.created.v1": never("a site is the beginning of its log, and nothing comes before it"),
  "site.migration_moved.v1": never("a step is taken back by a step", "POST /migration:rollback"),
  "site.rule_set.v1": never("a rule is set as it was", "PUT /rules/{rule}"),
  "item.created.v1": takeBackBeginning,
  "item.rented.v1": takeBackItem,
  "item.staged.v1": takeBackItem,
  "item.delivered.v1": takeBackItem,
  "item.returned.v1": takeBackItem,
  "item.serviced.v1": takeBackItem,
  "item.found.v1": takeBackItem,
  "item.sighted.v1": takeBackItem,
  "item.edited.v1": takeBackItem,
  "item.undone.v1": takeBackUndo,
  "item.reassigned.v1": takeBackItem,
  "item.retagged.v1": takeBackRetag,
  "scan.quarantined.v1": never(
    "the scan waits for its tag: once that is commissioned, what the scan did then is taken back",
    "POST /items",
  ),
  "scan.refused.v1": () => nothing,
  "scan.dismissed.v1": never(
    "a scan of the tag waits anew: what was dismissed by mistake is scanned again",
    "POST /scans",
  ),
  "photo.added.v1": never("a photo is deleted, and why is said", "POST /photos/{id}:delete"),
  "photo.deleted.v1": never("the picture is gone: it is taken again", "POST /items/{tag}/photos"),
  "contract.opened.v1": takeBackOpening,
  "contract.amended.v1": takeBackAmendment,
  "contract.closed.v1": takeBackState,
  "contract.reopened.v1": takeBackState,
  "contract.finalized.v1": takeBackState,
  "contract.returned.v1": takeBackState,
  "contract.reactivated.v1": takeBackState,
  "contract.merged.v1": takeBackMerge,
  "contract.unmerged.v1": never(
    "who wants the merge after all merges again",
    "POST /contracts/{number}:merge",
  ),
  "contract.trip_set.v1": takeBackTrip,
  "lot.recorded.v1": takeBackLot,
  "session.begun.v1": takeBackBegun,
  "session.withdrawn.v1": takeBackWithdrawal,
  "session.joined.v1": never(
    "a device that takes part after all declares what it scanned, and be it nothing",
    instead,
  ),
  "session.declared.v1": never("what a device says last counts: it declares anew", instead),
  "session.heard.v1": never("it did scan those tags"),
  "session.closed.v1": takeBackClose,
  "session.reopened.v1": takeBackClose,
  "session.restated.v1": never(
    "it follows from the scans of its session: those are taken back",
    "POST /sessions/{id}:undo",
  ),
  "reader.configured.v1": never("a reader is set as it was", "PATCH /readers/{id}"),
  "station.configured.v1": never("a station is set as it was", "PUT /stations/{id}"),
  "zone.configured.v1": never("a zone is drawn as it was", "PUT /zones/{place}"),
  "audit.barrier.v1": never("a barrier changes nothing"),
  "class.defined.v1": takeBackDescription,
};

const isKnown = (type: string): type is EventType => Object.hasOwn(table, type);

/** How an event is taken back. A kind that a newer version says is refused until this one is as new. */
export const takeBackOf = ({ type }: Pick<LoggedEvent, "type">): TakeBack =>
  isKnown(type) ? table[type] : () => refused(`this version does not know ${type}`);
