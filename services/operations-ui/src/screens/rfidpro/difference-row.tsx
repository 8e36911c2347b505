import type { RfidproDifference } from "@tagwire/messages";
import { useState } from "react";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import {
  differenceClassWords,
  differenceResolutionWords,
  differenceStateWords,
} from "../../words/rfidpro-differences.ts";
import { instantText } from "../../words/time.ts";
import { SidesBeside } from "../sides-beside.tsx";
import { DifferenceActs } from "./difference-acts.tsx";

type Props = { difference: RfidproDifference; onDone: () => void };

/** What kind of thing it is about, so that nobody has to know tags by heart. Of a class the key says it already. */
const thingOf = ({ key, operations, rfidpro }: RfidproDifference): string | undefined => {
  const named = [operations?.class, operations?.name, rfidpro?.class, rfidpro?.name];
  return named.find((name): name is string => typeof name === "string" && name !== "" && name !== key);
};

/** One difference: what both sides say, how long it is known, whose it is, and what can be done about it. */
export const DifferenceRow = ({ difference, onDone }: Props) => {
  const [isOpen, setOpen] = useState(false);
  const { class: name, key, state, owner, firstSeenAt, resolution, fields, recheckAt } = difference;
  const { timeZone } = useSite();
  const thing = thingOf(difference);
  return (
    <li className="grid gap-2 border-t border-line px-4 py-3 text-sm sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge {...differenceStateWords[state]} />
        <span className="font-semibold">{differenceClassWords[name]}</span>
        {thing !== undefined && <span>{thing}</span>}
        <span className="min-w-0 font-mono text-xs break-all">{key}</span>
        <span className="text-soft">
          since <Age at={firstSeenAt} />
          {` · ${owner ?? "nobody"} looks after it`}
          {recheckAt != null && ` · RFIDpro is read again for it at ${instantText(recheckAt, timeZone)}`}
          {resolution !== null && ` · ${differenceResolutionWords[resolution]}`}
        </span>
        <Button kind="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Less" : "Side by side"}
        </Button>
      </div>
      {isOpen && (
        <>
          <SidesBeside
            sides={[
              { word: "RFIDpro", row: difference.rfidpro },
              { word: "Our record", row: difference.operations },
            ]}
            fields={fields}
          />
          <DifferenceActs difference={difference} onDone={onDone} />
        </>
      )}
    </li>
  );
};
