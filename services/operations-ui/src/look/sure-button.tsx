import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";

type Props = { children: ReactNode; sure: string; disabled?: boolean; onSure: () => void };

/** What cannot be taken back is asked for twice, in the same place. */
export const SureButton = ({ children, sure, disabled = false, onSure }: Props) => {
  const [isAsked, setAsked] = useState(false);
  if (!isAsked)
    return (
      <Button kind="quiet" disabled={disabled} onClick={() => setAsked(true)}>
        {children}
      </Button>
    );
  return (
    <>
      <Button
        kind="primary"
        disabled={disabled}
        onClick={() => {
          setAsked(false);
          onSure();
        }}
      >
        {sure}
      </Button>
      <Button kind="quiet" onClick={() => setAsked(false)}>
        No
      </Button>
    </>
  );
};
