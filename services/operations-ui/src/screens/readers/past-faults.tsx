import type { PastFault } from "@tagwire/messages";
import { CircleAlert, TriangleAlert } from "lucide-react";
import type { Freshness } from "../../live/freshness.ts";
import { Age } from "../../look/age.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { faultText } from "../../words/readers.ts";
import { countText } from "../../words/time.ts";

/** What went wrong of late, and what helps. */
export const PastFaults = ({ faults, fresh }: { faults: readonly PastFault[]; fresh: Freshness }) => (
  <Panel title="Last faults" fresh={fresh}>
    {faults.length === 0 ? (
      <Waiting>Nothing went wrong since the reader is run here.</Waiting>
    ) : (
      <ol className="px-4 pb-3 sm:px-5">
        {faults.map((fault) => (
          <FaultLine key={`${fault.kind} ${fault.code}`} fault={fault} />
        ))}
      </ol>
    )}
  </Panel>
);

const FaultLine = ({ fault: { kind, code, message, advice, at, times } }: { fault: PastFault }) => {
  const Sign = kind === "failure" ? CircleAlert : TriangleAlert;
  return (
    <li className="flex gap-3 border-t border-line py-2.5 text-sm first:border-t-0">
      <Sign
        aria-hidden="true"
        className={`mt-0.5 size-4 shrink-0 ${kind === "failure" ? "text-missing" : "text-service"}`}
      />
      <div className="grid min-w-0 gap-0.5">
        <p className="font-semibold break-words">
          {kind === "failure" ? "" : "Warning: "}
          {faultText({ code, message })}
        </p>
        {advice !== undefined && <p className="break-words">{advice}</p>}
        <p className="text-xs break-words text-soft tabular-nums">
          {code} · <Age at={at} />
          {times > 1 && ` · ${countText(times)} times`}
        </p>
      </div>
    </li>
  );
};
