import { SelectField, TextField } from "../look/field.tsx";

/** Why somebody does what they do to a finding or a difference. */
export const WhyField = ({ why, onChange }: { why: string; onChange: (why: string) => void }) => (
  <TextField
    label="Why"
    hint="Kept in its history."
    value={why}
    maxLength={1_000}
    onChange={(event) => onChange(event.target.value)}
  />
);

type ResolutionProps<Name extends string> = {
  words: Readonly<Record<Name, string>>;
  resolution: Name;
  onChange: (resolution: Name) => void;
};

/** How it was resolved, of the ways there are. */
export const ResolutionField = <Name extends string>(props: ResolutionProps<Name>) => (
  <SelectField
    label="How it was resolved"
    value={props.resolution}
    onChange={(event) => props.onChange(event.target.value as Name)}
  >
    {Object.entries<string>(props.words).map(([name, word]) => (
      <option key={name} value={name}>
        {word}
      </option>
    ))}
  </SelectField>
);
