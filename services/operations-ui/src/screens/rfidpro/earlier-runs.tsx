import type { RfidproRun } from "@tagwire/messages";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { useSite } from "../../site-context.ts";
import { stateWords } from "../../words/rfidpro.ts";
import { withSiteTimes } from "../../words/site-times.ts";
import { countOf } from "../../words/time.ts";
import { useMinute } from "../boards/site-time.ts";
import { ManifestLink } from "./manifest-link.tsx";

/** The pulls before the newest. */
export const EarlierRuns = ({ runs }: { runs: readonly RfidproRun[] }) => {
  const { timeZone } = useSite();
  const now = useMinute();
  return runs.length === 0 ? null : (
    <details className="border-t border-line px-4 py-2 sm:px-5">
      <summary className="hit flex cursor-pointer items-center text-sm font-semibold">
        {countOf(runs.length, "pull")} before
      </summary>
      <ol className="pb-2">
        {runs.map((run) => (
          <li
            key={run.id}
            className="flex flex-wrap items-center gap-x-3 border-t border-line py-1.5 text-sm first:border-t-0"
          >
            <Badge {...stateWords(run)} />
            <Age at={run.startedAt} />
            <span className="text-soft">by {run.by}</span>
            <span className="min-w-0 break-words">{run.why && withSiteTimes(run.why, timeZone, now)}</span>
            <ManifestLink run={run} />
          </li>
        ))}
      </ol>
    </details>
  );
};
