import { heats } from "./plan.ts";
import { heatFill, heatWords } from "./plan-drawing.tsx";

/** What each warmth means, in words: the same that a zone says itself. */
export const Legend = () => (
  <ul aria-label="Last seen" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
    {heats.map((heat) => (
      <li key={heat} className="inline-flex items-center gap-1.5">
        <span
          aria-hidden="true"
          className="size-3.5 rounded-sm border border-edge"
          style={{ background: heatFill(heat) }}
        />
        {heat === "hour" ? `seen ${heatWords[heat]}` : heatWords[heat]}
      </li>
    ))}
    <li className="inline-flex items-center gap-1.5">
      <span aria-hidden="true" className="size-3.5 rounded-sm border-2 border-accent" />
      seen just now
    </li>
  </ul>
);
