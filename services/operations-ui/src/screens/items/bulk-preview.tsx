import type { Item } from "@tagwire/messages";
import type { ItemChange } from "../../api/items.ts";
import { Button } from "../../look/button.tsx";
import { countOf } from "../../words/time.ts";
import { foresee, isOut } from "./bulk-change.ts";

type Props = { chosen: readonly Item[]; change: ItemChange; onMean: (items: readonly Item[]) => void };

/** What an act would do to what is chosen, as it stands at this moment; nothing is changed before it is meant. */
export const BulkPreview = ({ chosen, change, onMean }: Props) => {
  const of = Object.groupBy(chosen, (item) => foresee(item, change));
  const changes = of.changes ?? [];
  const out = "status" in change ? changes.filter(isOut).length : 0;
  return (
    <section aria-label="What it would do" className="grid gap-2 text-sm">
      <p className="font-semibold tabular-nums">
        A look, nothing is changed yet. {countOf(changes.length, "item")} would be changed.
      </p>
      {of.as_it_is !== undefined && <p>{countOf(of.as_it_is.length, "item")}: so already.</p>}
      {of.retagged !== undefined && (
        <p className="font-semibold text-service">
          {countOf(of.retagged.length, "item")}: refused, since the thing goes on under another tag.
        </p>
      )}
      {out > 0 && (
        <p className="font-semibold text-service">
          {countOf(out, "item")} of them with a client: the return of those is marked as not recorded.
        </p>
      )}
      {changes.length > 0 && (
        <Button kind="primary" className="justify-self-start" onClick={() => onMean(changes)}>
          Change {countOf(changes.length, "item")}
        </Button>
      )}
    </section>
  );
};
