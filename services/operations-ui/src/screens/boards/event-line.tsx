import type { LoggedEvent } from "@tagwire/messages";
import { memo } from "react";
import { Age } from "../../look/age.tsx";
import { toneText } from "../../look/tone.ts";
import { byText } from "../../words/by.ts";
import { eventShown } from "../../words/events.ts";
import { codeWord } from "../../words/outcomes.ts";
import { TagLink } from "./tag-link.tsx";

type Props = {
  readonly event: LoggedEvent;
  /** What the thing is. People look for a chair, not for its tag. */
  readonly itemClass: string | undefined;
};

/** One event beside a board: what it was, of which thing, by whom and how long ago. */
export const EventLine = memo(({ event, itemClass }: Props) => {
  const { icon: Icon, word, tone } = eventShown(event.type);
  const { outcome, code } = event.data as { outcome?: string; code?: string };
  const isRefused = outcome === "rejected";
  return (
    <li className="enter grid grid-cols-[1.5rem_1fr_auto] items-start gap-x-2 border-t border-line py-1.5 text-sm first:border-t-0">
      <Icon aria-hidden="true" className={`mt-0.5 size-5 ${toneText[isRefused ? "missing" : tone]}`} />
      <div className="min-w-0">
        {event.tag !== undefined && (
          <p className="flex min-w-0 flex-wrap items-center gap-x-2">
            <TagLink tag={event.tag} />
            <span className="min-w-0 break-words">{itemClass}</span>
          </p>
        )}
        <p className="truncate text-xs text-soft">
          {isRefused ? "Refused" : word} · {byText(event.by)}
          {code !== undefined && ` · ${codeWord(code)}`}
        </p>
      </div>
      <span className="text-xs text-soft">
        <Age at={event.scannedAt ?? event.recordedAt} />
      </span>
    </li>
  );
});
