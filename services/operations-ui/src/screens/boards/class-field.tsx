import { useId, useMemo, useState } from "react";
import { useView } from "../../live/use-live.ts";
import { TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";

const classKey = /^(?:class|about):/;

/** The classes that a site has things of or has described, by name; undefined while the dashboard's view has not told all of them. */
const useKnownClasses = (): readonly string[] | undefined => {
  const snapshot = useView(useSite().id, "dashboard");
  return useMemo(() => {
    if (!snapshot.whole) return undefined;
    const keys = [...snapshot.rows.keys()].filter((key) => classKey.test(key));
    return [...new Set(keys.map((key) => key.replace(classKey, "")))].sort();
  }, [snapshot]);
};

type Props = {
  readonly label: string;
  readonly value: string;
  readonly onWrite: (value: string) => void;
};

/** A class by its name: those of the site are proposed, and one that it does not know is told. It may come later, so it is taken. */
export const ClassField = ({ label, value, onWrite }: Props) => {
  const listId = useId();
  const known = useKnownClasses();
  const [isWriting, setWriting] = useState(false);
  const name = value.trim();
  const isStrange = !isWriting && name !== "" && known !== undefined && !known.includes(name);
  return (
    <div className="min-w-0">
      <TextField
        label={label}
        list={listId}
        maxLength={120}
        value={value}
        hint={isStrange && `No thing of this site is of the class “${name}”. Right all the same?`}
        onFocus={() => setWriting(true)}
        onBlur={() => setWriting(false)}
        onChange={(event) => onWrite(event.target.value)}
      />
      <datalist id={listId}>
        {known?.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </div>
  );
};
