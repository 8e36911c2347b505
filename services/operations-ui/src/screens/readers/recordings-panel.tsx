import type { KeptRecording, Reader } from "@tagwire/messages";
import { FileDown, Trash2 } from "lucide-react";
import { useCallback, useState } from "react";
import { deleteRecording, fetchRecordings, recordingFile } from "../../api/recordings.ts";
import { Button, buttonClass } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { lengthText, sizeText } from "../../words/recordings.ts";
import { countOf, instantText } from "../../words/time.ts";
import { useReading } from "../laundry/use-reading.ts";

/** What was recorded at the reader and is kept: each as a file, which `tagwire replay` plays. */
export const RecordingsPanel = ({ reader: { id, recording } }: { reader: Reader }) => {
  const site = useSite();
  const [deletions, setDeletions] = useState(0);
  const read = useCallback((signal: AbortSignal) => fetchRecordings(site.id, id, signal), [site.id, id]);
  // One that begins or ends, here or elsewhere, is told by the reader itself.
  const { value, refusal } = useReading(read, `${recording?.file ?? ""} ${deletions}`);
  return (
    <Panel title="Recordings">
      {value === undefined ? (
        <Waiting>{refusal?.message ?? "Looking for recordings…"}</Waiting>
      ) : value.data.length === 0 ? (
        <Waiting>Nothing is kept of this reader. Record writes down what it says from then on.</Waiting>
      ) : (
        <ol className="max-h-96 overflow-y-auto px-4 pb-3 sm:px-5">
          {value.data.map((one) => (
            <RecordingLine
              key={one.name}
              reader={id}
              recording={one}
              onDeleted={() => setDeletions(deletions + 1)}
            />
          ))}
        </ol>
      )}
    </Panel>
  );
};

type LineProps = { reader: string; recording: KeptRecording; onDeleted: () => void };

const RecordingLine = ({ reader, recording, onDeleted }: LineProps) => {
  const site = useSite();
  const { name, from, bytes, frames, goingOn } = recording;
  const begun = instantText(from, site.timeZone);
  const said = [
    lengthText(recording),
    sizeText(bytes),
    ...(frames === null ? [] : [countOf(frames, "frame")]),
  ];
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-2 text-sm first:border-t-0">
      <div className="grid min-w-0 grow gap-0.5 tabular-nums">
        <p className="font-semibold break-words">{begun}</p>
        <p className="text-soft">{said.join(" · ")}</p>
      </div>
      <a
        href={recordingFile(site.id, reader, name)}
        download
        aria-label={`Download the recording of ${begun}`}
        className={buttonClass("quiet")}
      >
        <FileDown aria-hidden="true" className="size-4" />
        Download
      </a>
      {!goingOn && <DeleteRecording {...{ reader, name, begun, onDeleted }} />}
    </li>
  );
};

type DeleteProps = { reader: string; name: string; begun: string; onDeleted: () => void };

/** Asked twice: there is no other copy of it. */
const DeleteRecording = ({ reader, name, begun, onDeleted }: DeleteProps) => {
  const site = useSite();
  const [isAsked, setAsked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const remove = async (): Promise<void> => {
    setBusy(true);
    setWrong(undefined);
    const answer = await deleteRecording(site.id, reader, name);
    setBusy(false);
    setAsked(false);
    if (answer.kind === "ok") onDeleted();
    if (answer.kind === "refused") setWrong(answer.refusal.message);
  };
  return (
    <>
      {isAsked ? (
        <>
          <Button disabled={isBusy} onClick={() => void remove()}>
            Delete for good
          </Button>
          <Button kind="quiet" disabled={isBusy} onClick={() => setAsked(false)}>
            Keep
          </Button>
        </>
      ) : (
        <Button kind="quiet" aria-label={`Delete the recording of ${begun}`} onClick={() => setAsked(true)}>
          <Trash2 aria-hidden="true" className="size-4" />
          Delete
        </Button>
      )}
      {wrong !== undefined && (
        <p role="alert" className="basis-full font-semibold break-words text-missing">
          {wrong}
        </p>
      )}
    </>
  );
};
