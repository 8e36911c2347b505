import type { ConditionFlag } from "@tagwire/messages";
import { conditionFlags } from "../words/scans.ts";

type Props = {
  readonly legend: string;
  readonly words: Record<ConditionFlag, string>;
  readonly chosen: readonly ConditionFlag[];
  readonly onChoose: (chosen: readonly ConditionFlag[]) => void;
};

/** A choice of any of the condition flags, by words that say what each of them means here. */
export const FlagPicker = ({ legend, words, chosen, onChoose }: Props) => (
  <fieldset>
    <legend className="pb-1 text-sm font-semibold">
      {legend} <span className="font-normal text-soft">of everything scanned now</span>
    </legend>
    <div className="flex flex-wrap gap-1.5">
      {conditionFlags.map((flag) => (
        <label
          key={flag}
          className="hit relative inline-flex cursor-pointer items-center rounded-md border border-edge bg-panel px-3 text-sm font-medium hover:bg-raised has-checked:border-transparent has-checked:bg-primary has-checked:text-on-primary has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus"
        >
          <input
            type="checkbox"
            checked={chosen.includes(flag)}
            onChange={(event) =>
              onChoose(event.target.checked ? [...chosen, flag] : chosen.filter((each) => each !== flag))
            }
            className="absolute inset-0 cursor-pointer opacity-0"
          />
          {words[flag]}
        </label>
      ))}
    </div>
  </fieldset>
);
