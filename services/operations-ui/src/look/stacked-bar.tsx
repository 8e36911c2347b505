import type { StatusGroup } from "@tagwire/messages";
import { groups } from "../words/statuses.ts";
import { toneFill } from "./tone.ts";

/** The shares of the status groups. Purely a picture: the numbers stand beside it. */
export const StackedBar = ({
  counts,
  of,
  className = "h-2",
}: {
  counts: Record<StatusGroup, number>;
  of: number;
  className?: string;
}) => (
  <div aria-hidden="true" className={`flex gap-px overflow-hidden rounded-sm bg-raised ${className}`}>
    {groups.map((group) =>
      counts[group] > 0 && of > 0 ? (
        <div
          key={group}
          className={`bar-fill min-w-[3px] ${toneFill[group]}`}
          style={{ width: `${(counts[group] / of) * 100}%` }}
        />
      ) : null,
    )}
  </div>
);
