import type { HeldTag, QuarantinedScan } from "@tagwire/messages";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { dismissHeld, fetchHeld, newDismissalId } from "../../api/boards.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { isScanType, scanTypeWords } from "../../words/scans.ts";
import { instantText } from "../../words/time.ts";

/** The scans that wait for one tag, and the way to dismiss them. Once they are, the board's view takes the tag away by itself. */
export const HeldScans = ({ held }: { held: HeldTag }) => {
  const site = useSite();
  const [scans, setScans] = useState<readonly QuarantinedScan[]>();
  const [fault, setFault] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when another scan of the tag came
  useEffect(() => {
    const control = new AbortController();
    fetchHeld(site.id, held.tag, control.signal).then((answer) => {
      if (control.signal.aborted) return;
      if (answer.kind === "ok") setScans(answer.value.data);
      if (answer.kind === "refused") setFault(answer.refusal.message);
    });
    return () => control.abort();
  }, [site.id, held.tag, held.scans]);
  return (
    <section aria-label={`Scans of ${held.tag}`} className="mx-4 mb-3 rounded-md bg-sunken p-3 sm:mx-5">
      <h3 className="font-mono text-[0.8125rem] font-semibold break-all">{held.tag}</h3>
      {fault !== undefined && <p className="py-2 text-sm font-semibold text-missing">{fault}</p>}
      <ul className="grid gap-1 py-2 text-sm">
        {scans?.map(({ scanId, type, scannedAt, by, place, contract }) => (
          <li key={scanId}>
            <span className="font-semibold">{isScanType(type) ? scanTypeWords[type].word : type}</span>{" "}
            {instantText(scannedAt, site.timeZone)} <span className="text-soft">{byText(by)}</span>
            {place !== null && <span className="text-soft"> · {place}</span>}
            {contract !== null && <span className="text-soft"> · {contract}</span>}
          </li>
        ))}
      </ul>
      <Dismiss tag={held.tag} />
    </section>
  );
};

/** However often it is pressed, and whatever of it arrived: one dismissal, under the id that it was given first. */
const Dismiss = ({ tag }: { tag: string }) => {
  const site = useSite();
  const id = useRef(newDismissalId());
  const [reason, setReason] = useState("");
  const [isSending, setIsSending] = useState(false);
  const [fault, setFault] = useState<string>();
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (reason.trim() === "") return setFault("Say why nobody will commission this tag.");
    setIsSending(true);
    const answer = await dismissHeld(site.id, { tag, id: id.current, reason: reason.trim() });
    setIsSending(false);
    setFault(answer.kind === "refused" ? answer.refusal.message : undefined);
    // What was refused for good may be said otherwise, and is another dismissal then.
    if (answer.kind === "ok" || (answer.kind === "refused" && !answer.refusal.retryable))
      id.current = newDismissalId();
  };
  return (
    <form className="flex flex-wrap items-end gap-2" onSubmit={(event) => void send(event)}>
      <div className="min-w-0 grow">
        <TextField
          label="Dismiss them, because"
          value={reason}
          maxLength={500}
          error={fault}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
      <Button type="submit" disabled={isSending}>
        {isSending ? "Dismissing…" : "Dismiss"}
      </Button>
    </form>
  );
};
