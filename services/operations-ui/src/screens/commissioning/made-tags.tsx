import type { Provisioned } from "../../api/commissioning.ts";
import { Button } from "../../look/button.tsx";
import { Panel } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { countOf } from "../../words/time.ts";
import { WayLink } from "../place-link.tsx";
import { TakeBack } from "../undo/take-back.tsx";
import { ConfirmPrint } from "./confirm-print.tsx";
import { LabelFiles } from "./label-files.tsx";

type Props = { made: Provisioned; name: string; onDone: () => void };

/** Tags that were just made: from which to which, their labels, and where they are now. */
export const MadeTags = ({ made: { tags, receipt }, name, onDone }: Props) => {
  const site = useSite();
  // Tags of one act stand in the log one after the other.
  const events = receipt.event === undefined ? [] : tags.map((_, index) => (receipt.event?.pos ?? 0) + index);
  return (
    <Panel title={countOf(tags.length, "new tag")}>
      <div className="grid gap-3 px-4 pb-4 sm:px-5">
        <p role="status" className="text-sm">
          From <span className="font-mono font-semibold break-all">{tags[0]}</span> to{" "}
          <span className="font-mono font-semibold break-all">{tags.at(-1)}</span>
          {receipt.replayed && " (made before already)"}. They wait as provisioned until their labels are
          confirmed.
        </p>
        <LabelFiles tags={tags} />
        <ConfirmPrint tags={tags} />
        <div className="flex flex-wrap gap-2">
          <WayLink
            place={{
              ...{ site: site.id, screen: "items" },
              query: new URLSearchParams({ status: "provisioned", class: name }),
            }}
          >
            Show them in the list
          </WayLink>
          <Button kind="quiet" onClick={onDone}>
            Done
          </Button>
          {events.length > 0 && <TakeBack what={{ events }} label="Take back these tags" />}
        </div>
      </div>
    </Panel>
  );
};
