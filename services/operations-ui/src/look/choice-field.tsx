type Props = {
  label: string;
  choices: readonly string[];
  chosen: readonly string[];
  /** What a choice is called, where it is not as it is written. */
  words?: Readonly<Record<string, string>>;
  onChange: (chosen: string[]) => void;
};

/** Any number of a few things, each a box to tick. What is chosen stays in the order of the choices. */
export const ChoiceField = ({ label, choices, chosen, words = {}, onChange }: Props) => (
  <fieldset className="min-w-0">
    <legend className="text-sm font-semibold">{label}</legend>
    <div className="flex flex-wrap gap-x-4">
      {choices.map((choice) => (
        <label key={choice} className="hit inline-flex items-center gap-2 text-sm font-medium">
          <input
            type="checkbox"
            className="size-6 accent-(--primary)"
            checked={chosen.includes(choice)}
            onChange={({ target: { checked } }) =>
              onChange(choices.filter((each) => (each === choice ? checked : chosen.includes(each))))
            }
          />
          {words[choice] ?? choice}
        </label>
      ))}
    </div>
  </fieldset>
);
