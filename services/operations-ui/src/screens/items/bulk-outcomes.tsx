import { Button } from "../../look/button.tsx";
import { countOf, countText } from "../../words/time.ts";
import { TakeBack } from "../undo/take-back.tsx";
import type { BulkOutcome } from "./bulk-change.ts";

/** Outcomes that are told one by one: those that need somebody first. */
const rowsShownMax = 100;

const words: Record<BulkOutcome["kind"], string> = {
  changed: "Changed",
  as_it_was: "As it was",
  changed_meanwhile: "Somebody else changed it meanwhile: left as it is",
  refused: "Refused",
};
const weight: Record<BulkOutcome["kind"], number> = {
  refused: 0,
  changed_meanwhile: 1,
  as_it_was: 2,
  changed: 3,
};

type Props = {
  outcomes: readonly BulkOutcome[];
  of: number;
  isBusy: boolean;
  onStop: () => void;
  onDone: () => void;
};

/** What became of each thing, and the way back. */
export const BulkOutcomes = ({ outcomes, of, isBusy, onStop, onDone }: Props) => {
  const shown = outcomes.toSorted((one, other) => weight[one.kind] - weight[other.kind]);
  const events = outcomes.flatMap(({ pos }) => pos ?? []);
  const failed = outcomes.filter(({ kind }) => kind === "refused" || kind === "changed_meanwhile").length;
  return (
    <section aria-label="What became of each" className="grid gap-2 text-sm">
      <p role={isBusy ? undefined : "status"} className="font-semibold tabular-nums">
        {isBusy
          ? `${countText(outcomes.length)} of ${countText(of)} so far…`
          : `Done: ${countText(events.length)} changed, ${countText(failed)} not, of ${countText(of)}.`}
      </p>
      <ol className="max-h-[25dvh] overflow-y-auto">
        {shown.slice(0, rowsShownMax).map(({ tag, kind, message }) => (
          <li key={tag} className="flex flex-wrap gap-x-3 border-t border-line py-2">
            <span className="font-mono text-xs leading-5 break-all">{tag}</span>
            <span className={weight[kind] < 2 ? "font-semibold text-missing" : "font-semibold"}>
              {words[kind]}
            </span>
            {message !== undefined && <span className="min-w-0 basis-full break-words">{message}</span>}
          </li>
        ))}
      </ol>
      {shown.length > rowsShownMax && (
        <p className="text-soft">And {countOf(shown.length - rowsShownMax, "more item")}.</p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {isBusy ? (
          <Button onClick={onStop}>Stop here</Button>
        ) : (
          <>
            <Button kind="primary" onClick={onDone}>
              Choose others
            </Button>
            {events.length > 0 && <TakeBack what={{ events }} label="Take back all of it" />}
          </>
        )}
      </div>
    </section>
  );
};
