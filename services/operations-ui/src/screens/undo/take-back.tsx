import { Undo2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Undoing } from "../../api/undo.ts";
import { Button } from "../../look/button.tsx";
import { fetchPart } from "../late-part.ts";

const UndoPanel = lazy(async () => ({
  default: (await fetchPart(() => import("./undo-panel.tsx"))).UndoPanel,
}));

/** The way to take something back: it is told first what that would do. */
export const TakeBack = ({ what, label }: { what: Undoing; label: string }) => {
  const [isOpen, setOpen] = useState(false);
  return isOpen ? (
    <Suspense fallback={<p className="text-sm text-soft">One moment…</p>}>
      <UndoPanel what={what} onLeave={() => setOpen(false)} />
    </Suspense>
  ) : (
    <Button kind="quiet" className="-ml-3 px-3! text-soft!" aria-label={label} onClick={() => setOpen(true)}>
      <Undo2 aria-hidden="true" className="size-4" />
      Take back…
    </Button>
  );
};
