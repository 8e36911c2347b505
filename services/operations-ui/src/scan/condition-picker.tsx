import type { ConditionFlag } from "@tagwire/messages";
import { Check, TriangleAlert } from "lucide-react";
import { Button } from "../look/button.tsx";
import { TextField } from "../look/field.tsx";
import { conditionFlags, conditionWords } from "../words/scans.ts";
import { type Looked, nextLook, nothingLooked, restFine } from "./looked.ts";
import { useSettings, useStation } from "./station.ts";

/**
 * How a thing was found: each flag is not looked at, has it, or is fine. One tap says that it has it, a second that it is fine, a third
 * takes that back; and one says of all that is left that it is fine, for whoever looked at the whole thing.
 */
export const ConditionPicker = () => {
  const station = useStation();
  const { condition, fine, other } = useSettings();
  const looked: Looked = { condition, fine };
  const isAnySaid = condition.length + fine.length > 0 || other !== "";
  return (
    <fieldset className="grid min-w-0 gap-1.5">
      <legend className="pb-1 text-sm font-semibold">
        Condition <span className="font-normal text-soft">of everything scanned now</span>
      </legend>
      <div className="flex flex-wrap gap-1.5">
        <Button
          className="hit-large"
          disabled={condition.length + fine.length === conditionFlags.length}
          onClick={() => station.change(restFine(looked))}
        >
          {condition.length === 0 ? "Looked at, all fine" : "The rest is fine"}
        </Button>
        <Button
          kind="quiet"
          className="hit-large"
          disabled={!isAnySaid}
          onClick={() => station.change({ ...nothingLooked, other: "" })}
        >
          Not looked at
        </Button>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {conditionFlags.map((flag) => (
          <FlagButton
            key={flag}
            flag={flag}
            looked={looked}
            onTap={() => station.change(nextLook(looked, flag))}
          />
        ))}
      </div>
      <TextField
        label="Other (optional)"
        value={other}
        maxLength={500}
        className="hit-large"
        placeholder="What else is wrong"
        onChange={(event) => station.change({ other: event.target.value })}
      />
    </fieldset>
  );
};

type FlagProps = { readonly flag: ConditionFlag; readonly looked: Looked; readonly onTap: () => void };

const FlagButton = ({ flag, looked, onTap }: FlagProps) => {
  const hasIt = looked.condition.includes(flag);
  const isFine = looked.fine.includes(flag);
  const look = hasIt
    ? "border-transparent bg-primary text-on-primary"
    : isFine
      ? "border-transparent bg-ready-wash text-ready"
      : "border-edge bg-panel hover:bg-raised";
  return (
    <button
      type="button"
      aria-pressed={hasIt ? true : isFine ? false : "mixed"}
      onClick={onTap}
      className={`hit inline-flex items-center gap-1 rounded-md border px-3 text-sm font-medium ${look}`}
    >
      {hasIt && <TriangleAlert aria-hidden="true" className="size-4" />}
      {isFine && <Check aria-hidden="true" className="size-4" />}
      {conditionWords[flag]}
      <span className="sr-only">{hasIt ? ": has it" : isFine ? ": is fine" : ": not looked at"}</span>
    </button>
  );
};
