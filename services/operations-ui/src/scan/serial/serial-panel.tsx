import { useState, useSyncExternalStore } from "react";
import { Button } from "../../look/button.tsx";
import { SelectField } from "../../look/field.tsx";
import { countOf } from "../../words/time.ts";
import {
  baudRates,
  connectReader,
  disconnectReader,
  type ReaderState,
  readerState,
} from "./serial-reader.ts";
import { type ReaderKind, readerKinds } from "./spoken.ts";

const kindWords: Readonly<Record<ReaderKind, string>> = {
  lines: "A tag in each line",
  tsl: "TSL, ASCII 2",
};

const phaseText = ({ phase, choice, heard }: ReaderState): string => {
  switch (phase) {
    case "reading":
      return choice.kind === "tsl"
        ? `Connected: pull its trigger. ${countOf(heard, "read")} so far.`
        : `Connected. ${countOf(heard, "read")} so far.`;
    case "opening":
      return "Opening its port…";
    case "away":
      return "It is away. Plug it in again, or connect it anew.";
    default:
      return "None is connected.";
  }
};

/** A reader on this device's own port: which kind, and how it does. */
export const SerialPanel = () => {
  const reader = useSyncExternalStore(readerState.subscribe, readerState.get);
  const { phase, unread, wrong } = reader;
  const [choice, setChoice] = useState(reader.choice);
  const isConnected = phase === "reading" || phase === "opening";
  return (
    <section aria-label="Reader on a cable" className="grid gap-3 rounded-md bg-sunken p-3">
      {!isConnected && (
        <div className="grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] gap-3">
          <SelectField
            label="How it speaks"
            className="hit-large"
            value={choice.kind}
            onChange={({ target }) => {
              const kind = readerKinds.find((each) => each === target.value);
              if (kind !== undefined) setChoice({ ...choice, kind });
            }}
          >
            {readerKinds.map((kind) => (
              <option key={kind} value={kind}>
                {kindWords[kind]}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Speed"
            className="hit-large"
            value={String(choice.baudRate)}
            onChange={({ target }) => setChoice({ ...choice, baudRate: Number(target.value) })}
          >
            {baudRates.map((rate) => (
              <option key={rate} value={rate}>
                {rate} baud
              </option>
            ))}
          </SelectField>
        </div>
      )}
      <p role="status" className="text-sm font-semibold">
        {phaseText(reader)}
      </p>
      {unread > 0 && (
        <p className="text-sm font-semibold text-missing">
          {countOf(unread, "line")} could not be read: is its speed right, and how it speaks?
        </p>
      )}
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        {isConnected ? (
          <Button className="hit-large" onClick={disconnectReader}>
            Disconnect
          </Button>
        ) : (
          <Button kind="primary" className="hit-large" onClick={() => void connectReader(choice)}>
            Connect a reader
          </Button>
        )}
        {phase === "away" && (
          <Button kind="quiet" className="hit-large" onClick={disconnectReader}>
            Forget it
          </Button>
        )}
      </div>
    </section>
  );
};
