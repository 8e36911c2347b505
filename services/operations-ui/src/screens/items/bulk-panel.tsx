import type { Item } from "@tagwire/messages";
import { useState } from "react";
import { Button } from "../../look/button.tsx";
import { countText } from "../../words/time.ts";
import { bulkItemsMax } from "./bulk-change.ts";
import { BulkForm } from "./bulk-form.tsx";
import { BulkOutcomes } from "./bulk-outcomes.tsx";
import { useBulk } from "./use-bulk.ts";

type Props = {
  /** What is chosen, as it is now. */
  chosen: readonly Item[];
  /** How many of them the filters hide. */
  hidden: number;
  /** What is shown and could be chosen all at once. */
  shown: number;
  onAll: () => void;
  onNone: () => void;
  onLeave: () => void;
};

/**
 * Several things changed by one act: chosen, looked at what it would do, done, and taken back if it was wrong. While somebody chooses it
 * is one line, since the list below is what they look at.
 */
export const BulkPanel = ({ chosen, hidden, shown, onAll, onNone, onLeave }: Props) => {
  const [isActing, setActing] = useState(false);
  const bulk = useBulk();
  const isDoing = bulk.isBusy || bulk.outcomes.length > 0;
  const isTooMany = chosen.length > bulkItemsMax;
  const again = (): void => {
    bulk.clear();
    setActing(false);
    onNone();
  };
  return (
    <section aria-label="Change several" className="panel grid gap-3 px-4 py-2 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-2">
        <p role="status" className="mr-2 text-sm font-semibold tabular-nums">
          {chosen.length === 0
            ? "Press the items that are meant."
            : `${countText(chosen.length)} chosen${hidden === 0 ? "" : `, ${countText(hidden)} of them not shown`}`}
        </p>
        {isTooMany && <p className="text-sm text-soft">At most {countText(bulkItemsMax)} at once.</p>}
        {!isDoing && (
          <>
            {!isActing && shown > 0 && shown <= bulkItemsMax && (
              <Button kind="quiet" className="px-3!" onClick={onAll}>
                All {countText(shown)} shown
              </Button>
            )}
            <Button kind="quiet" className="px-3!" disabled={chosen.length === 0} onClick={onNone}>
              None
            </Button>
            <Button
              kind={isActing ? "outline" : "primary"}
              disabled={chosen.length === 0 || isTooMany}
              aria-expanded={isActing}
              onClick={() => setActing(!isActing)}
            >
              {isActing ? "Choose on" : "Change…"}
            </Button>
          </>
        )}
        <Button kind="quiet" className="-mr-3 ml-auto" disabled={bulk.isBusy} onClick={onLeave}>
          Close
        </Button>
      </div>
      {isActing && !isDoing && chosen.length > 0 && !isTooMany && (
        <BulkForm chosen={chosen} onMean={bulk.run} />
      )}
      {isDoing && (
        <BulkOutcomes
          {...{ outcomes: bulk.outcomes, of: bulk.of, isBusy: bulk.isBusy }}
          onStop={bulk.stop}
          onDone={again}
        />
      )}
    </section>
  );
};
