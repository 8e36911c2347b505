import { OctagonX } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import type { Command } from "../../outbox/command.ts";
import { useStation } from "../../scan/station.ts";
import { useSite } from "../../site-context.ts";
import { codeWord } from "../../words/outcomes.ts";
import { troubleText } from "../../words/queue.ts";
import { scanTypeWords } from "../../words/scans.ts";
import { timeText } from "../../words/time.ts";

const reasonLengthMax = 500;

/**
 * One scan that waits for a person. Refused on record it needs only be seen; one that the server could not take is sent again, or discarded
 * with a reason that the server is told.
 */
export const AttentionRow = ({ command }: { command: Command }) => {
  const site = useSite();
  const { outbox } = useStation();
  const [isAsking, setAsking] = useState(false);
  const { receipt, trouble = { code: "server_error", message: "" } } = command;
  const why =
    receipt === undefined
      ? troubleText(trouble.code, trouble.message)
      : receipt.code === undefined
        ? receipt.message
        : codeWord(receipt.code);
  return (
    <li className="grid gap-2 border-t border-line py-3 text-sm">
      <div className="grid grid-cols-[1.5rem_1fr_auto] items-start gap-x-2">
        <OctagonX aria-hidden="true" className="mt-0.5 size-5 text-missing" />
        <div className="min-w-0">
          <p className="truncate font-mono text-xs leading-5">{command.payload.tag}</p>
          <p>
            <span className="font-semibold text-missing">
              {receipt === undefined ? "Not recorded" : "Refused"}
            </span>{" "}
            <span className="text-soft">
              {scanTypeWords[command.payload.type].word.toLowerCase()} · {why}
            </span>
          </p>
        </div>
        <p className="text-right text-xs leading-5 text-soft tabular-nums">
          {timeText(command.capturedAtMs, site.timeZone)}
          <span className="block">{command.capturedBy}</span>
          {command.site !== site.id && <span className="block">at {command.site}</span>}
        </p>
      </div>
      {receipt !== undefined ? (
        <div className="flex flex-wrap gap-2 pl-8">
          <Button onClick={() => void outbox.dismiss(command, "understood")}>Understood</Button>
        </div>
      ) : isAsking ? (
        <Discard command={command} onLeave={() => setAsking(false)} />
      ) : (
        <div className="flex flex-wrap gap-2 pl-8">
          <Button onClick={() => void outbox.retry(command)}>Send again</Button>
          <Button kind="quiet" onClick={() => setAsking(true)}>
            Discard
          </Button>
        </div>
      )}
    </li>
  );
};

const Discard = ({ command, onLeave }: { command: Command; onLeave: () => void }) => {
  const { outbox } = useStation();
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState<string>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim() === "") return setWrong("Say why first: the audit is told.");
    void outbox.dismiss(command, reason.trim());
  };
  return (
    <form onSubmit={submit} className="grid gap-2 pl-8">
      <TextField
        label="Why is it not to be sent?"
        value={reason}
        maxLength={reasonLengthMax}
        error={wrong}
        autoFocus
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" type="submit">
          Discard this scan
        </Button>
        <Button kind="quiet" onClick={onLeave}>
          Keep it
        </Button>
      </div>
    </form>
  );
};
