import { useEffect, useRef, useState } from "react";
import { uuidv7 } from "uuidv7";
import { previewUndo, type Undoing, type Undone, undo } from "../../api/undo.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import { countOf } from "../../words/time.ts";
import { leftBehindText, undoneText } from "../../words/undo.ts";

type Props = { what: Undoing; onLeave: () => void };

/** Events of a preview that are told one by one. */
const shownMax = 20;

/** What taking something back would do, as the server has just said, and the second press, which means it. */
export const UndoPanel = ({ what, onLeave }: Props) => {
  const site = useSite();
  const id = useRef(uuidv7());
  const [preview, setPreview] = useState<Undone>();
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [isDone, setDone] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const key = JSON.stringify(what);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same thing is often said by another object
  useEffect(() => {
    const leave = new AbortController();
    void previewUndo(site.id, what, leave.signal).then((answer) => {
      if (leave.signal.aborted) return;
      if (answer.kind === "ok") setPreview(answer.value);
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    });
    return () => leave.abort();
  }, [site.id, key]);
  const mean = async (): Promise<void> => {
    setBusy(true);
    const answer = await undo(site.id, what, { id: id.current, reason: reason.trim() });
    setBusy(false);
    if (answer.kind === "refused") return setWrong(answer.refusal.message);
    if (answer.kind !== "ok") return;
    setPreview(answer.value);
    setDone(answer.value.receipt.outcome !== "rejected");
    setWrong(undefined);
  };
  const some = preview?.undone ?? [];
  const isRefused = some.some(({ outcome }) => outcome === "refused");
  // Of several events each stands for itself; a session or one event is taken back whole or not at all.
  const mayMean =
    !isDone && (!isRefused || "events" in what) && some.some(({ outcome }) => outcome === "undone");
  const leftText = isDone && preview !== undefined ? leftBehindText(preview) : undefined;
  const rest = (preview?.more ?? 0) + Math.max(0, some.length - shownMax);
  return (
    <section aria-label="Take back" className="mt-2 grid gap-2 rounded-md bg-sunken p-3 text-sm">
      {preview === undefined && wrong === undefined && <p>Asking what would be taken back…</p>}
      {isDone && leftText === undefined && (
        <p role="status" className="font-semibold">
          Done. It stands in the timeline, with who did it.
        </p>
      )}
      {leftText !== undefined && (
        <p role="alert" className="font-semibold break-words text-missing">
          {leftText}
        </p>
      )}
      {!isDone && some.length > 0 && (
        <ul role={isRefused ? "alert" : undefined} className="grid gap-1">
          {some.slice(0, shownMax).map((event) => (
            <li key={event.pos} className={event.outcome === "refused" ? "font-semibold text-missing" : ""}>
              {event.tag !== undefined && !("pos" in what) && (
                <span className="font-mono text-xs break-all">{event.tag} </span>
              )}
              {undoneText(event)}
            </li>
          ))}
          {rest > 0 && <li className="text-soft">And {countOf(rest, "more event")}.</li>}
        </ul>
      )}
      {preview !== undefined && some.length === 0 && !isDone && <p>There is nothing to take back.</p>}
      {wrong !== undefined && (
        <p role="alert" className="font-semibold break-words text-missing">
          {wrong}
        </p>
      )}
      {mayMean && (
        <TextField
          label="Why (optional)"
          hint="Kept in the life of each thing."
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      )}
      <div className="flex flex-wrap gap-2">
        {mayMean && (
          <Button kind="primary" disabled={isBusy} onClick={() => void mean()}>
            Take it back
          </Button>
        )}
        <Button kind="quiet" onClick={onLeave}>
          {mayMean ? "Not now" : "Close"}
        </Button>
      </div>
    </section>
  );
};
