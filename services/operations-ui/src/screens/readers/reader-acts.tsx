import type { Reader, ReaderAct } from "@tagwire/messages";
import { Circle, CircleStop, Play, RotateCw, Square } from "lucide-react";
import { useState } from "react";
import { doReader } from "../../api/readers.ts";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";

/** Starts, stops and records a reader. What became of it comes over the live view, as for everybody who looks. */
export const ReaderActs = ({ reader }: { reader: Reader }) => {
  const site = useSite();
  const [busy, setBusy] = useState<ReaderAct>();
  const [wrong, setWrong] = useState<string>();
  const act = async (what: ReaderAct): Promise<void> => {
    setBusy(what);
    setWrong(undefined);
    const answer = await doReader(site.id, reader.id, what);
    setBusy(undefined);
    if (answer.kind === "refused") setWrong(answer.refusal.message);
  };
  const { enabled, status, recording } = reader;
  return (
    <div className="flex grow flex-wrap items-center justify-end gap-2">
      {!enabled && (
        <Button kind="primary" disabled={busy !== undefined} onClick={() => void act("start")}>
          <Play aria-hidden="true" className="size-4" />
          Start
        </Button>
      )}
      {enabled && status === "backoff" && (
        <Button disabled={busy !== undefined} onClick={() => void act("start")}>
          <RotateCw aria-hidden="true" className="size-4" />
          Try now
        </Button>
      )}
      {enabled && (
        <Button disabled={busy !== undefined} onClick={() => void act("stop")}>
          <CircleStop aria-hidden="true" className="size-4" />
          Stop
        </Button>
      )}
      {recording === undefined ? (
        <Button disabled={busy !== undefined} onClick={() => void act("record")}>
          <Circle aria-hidden="true" className="size-4" />
          Record
        </Button>
      ) : (
        <Button disabled={busy !== undefined} onClick={() => void act("stop-recording")}>
          <Square aria-hidden="true" className="size-4" />
          End recording
        </Button>
      )}
      {recording !== undefined && (
        <p className="basis-full text-sm break-all text-soft">Recorded into {recording.file}</p>
      )}
      {wrong !== undefined && (
        <p role="alert" className="basis-full text-sm font-semibold break-words text-missing">
          {wrong}
        </p>
      )}
    </div>
  );
};
