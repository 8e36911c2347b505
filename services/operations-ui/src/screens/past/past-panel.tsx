import type { AsOf } from "@tagwire/messages";
import { History } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Answer } from "../../api/http.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { Panel } from "../../look/panel.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { instantText } from "../../words/time.ts";
import { useAct } from "../use-act.ts";

type Props<T extends AsOf> = {
  title: string;
  read: (at: string) => Promise<Answer<T>>;
  show: (then: T) => ReactNode;
};

/**
 * Something as it was at a moment that somebody chooses, from the log. What is shown is marked as past, with the moment and the position
 * of the log that the answer itself names, so that nobody takes it for what is so now; it never moves.
 */
export const PastPanel = <T extends AsOf>({ title, read, show }: Props<T>) => {
  const { timeZone } = useSite();
  const act = useAct();
  const [moment, setMoment] = useState("");
  const [then, setThen] = useState<T>();
  const look = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (moment === "") return;
    // The device stands in the warehouse: what it calls a time is one of there.
    setThen(await act.run(() => read(new Date(moment).toISOString())));
  };
  return (
    <Panel title={title}>
      <form
        aria-label={title}
        className="flex flex-wrap items-end gap-2 px-4 pb-4 sm:px-5"
        onSubmit={(event) => void look(event)}
      >
        <div className="min-w-56">
          <TextField
            label="At this moment"
            type="datetime-local"
            step={1}
            value={moment}
            onChange={(event) => setMoment(event.target.value)}
          />
        </div>
        <Button type="submit" disabled={act.busy || moment === ""}>
          Show it as it was
        </Button>
        {then !== undefined && (
          <Button kind="quiet" onClick={() => setThen(undefined)}>
            Back to now
          </Button>
        )}
      </form>
      <WrongSaid wrong={act.wrong} className="px-4 pb-4 sm:px-5" />
      {then !== undefined && (
        <section aria-label="As it was" className="border-t-4 border-service">
          <p className="flex items-center gap-2 bg-service-wash px-4 py-2 text-sm font-semibold text-service sm:px-5">
            <History aria-hidden="true" className="size-4 shrink-0" />
            <span>
              The past, not now: as of {instantText(then.asOf, timeZone)}, position {then.epoch}:{then.pos}
            </span>
          </p>
          {show(then)}
        </section>
      )}
    </Panel>
  );
};
