import { KeyRound } from "lucide-react";
import { Button } from "./button.tsx";
import { CopyText } from "./copy.tsx";

type Props = { label: string; secret: string; says: string; onDone: () => void };

/** A secret that nobody can read again: it stays until somebody says that it is kept elsewhere. */
export const SecretOnce = ({ label, secret, says, onDone }: Props) => (
  <section
    aria-label={label}
    className="grid gap-2 rounded-md border-2 border-accent bg-accent-wash px-4 py-3 text-sm"
  >
    <p className="flex items-center gap-2 font-semibold">
      <KeyRound aria-hidden="true" className="size-5 shrink-0" />
      {label}: it is shown this once.
    </p>
    <p>{says}</p>
    <CopyText value={secret} label={label} />
    <Button className="justify-self-start" onClick={onDone}>
      I have kept it
    </Button>
  </section>
);
