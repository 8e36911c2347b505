import { CircleDotDashed, CloudOff, Pause, TriangleAlert } from "lucide-react";
import type { Freshness } from "../live/freshness.ts";
import { ageText, durationText } from "../words/time.ts";

/** How old the figures beside it may be. Never colour alone: each state has its own sign and word. */
export const AsOf = ({ fresh }: { fresh: Freshness }) => {
  if (fresh.state === "live") {
    return (
      <span className="inline-flex items-center gap-1.5 text-xs text-soft tabular-nums">
        <span aria-hidden="true" className="bar-fill size-2 rounded-full bg-ready" />
        as of {ageText(fresh.ageMs)}
      </span>
    );
  }
  const age = fresh.ageMs > 0 ? ` · as of ${ageText(fresh.ageMs)}` : "";
  const shown = {
    stale: {
      icon: TriangleAlert,
      text: `Stale · ${durationText(fresh.ageMs)} old`,
      tone: "bg-service-wash text-service",
    },
    reconnecting: { icon: CloudOff, text: `Reconnecting${age}`, tone: "bg-missing-wash text-missing" },
    held: { icon: Pause, text: `Held still${age}`, tone: "bg-service-wash text-service" },
    waiting: { icon: CircleDotDashed, text: "Waiting for figures", tone: "bg-ended-wash text-ended" },
  }[fresh.state];
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-sm px-2 py-0.5 text-xs font-semibold tabular-nums ${shown.tone}`}
    >
      <shown.icon aria-hidden="true" className="size-4" />
      {shown.text}
    </span>
  );
};
