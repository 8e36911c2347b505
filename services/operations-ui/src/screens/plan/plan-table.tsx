import { Age } from "../../look/age.tsx";
import { useSite } from "../../site-context.ts";
import { countText } from "../../words/time.ts";
import { PlaceLink } from "../place-link.tsx";
import { heatOf, type PlanZone } from "./plan.ts";
import { heatWords } from "./plan-drawing.tsx";
import type { PlanFigures } from "./use-plan.ts";

type Props = { zones: readonly PlanZone[]; figures: Pick<PlanFigures, "counts" | "seen" | "nowMs"> };

/** The plan as a table: what stands in the picture, place by place. */
export const PlanTable = ({ zones, figures: { counts, seen, nowMs } }: Props) => {
  const site = useSite();
  return (
    <section
      aria-label="Floor plan, as a table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="@container overflow-x-auto px-2 pb-3 sm:px-3"
    >
      <table className="w-full text-sm">
        <thead>
          <tr className="text-soft">
            <th scope="col" className="px-2 py-2 text-left font-semibold">
              Place
            </th>
            <th scope="col" className="px-2 text-right font-semibold">
              Items
            </th>
            <th scope="col" className="hidden px-2 text-right font-semibold @min-[36rem]:table-cell">
              In service
            </th>
            <th scope="col" className="hidden px-2 text-right font-semibold @min-[36rem]:table-cell">
              Missing
            </th>
            <th scope="col" className="px-2 text-right font-semibold">
              Last seen
            </th>
            <th scope="col" className="hidden px-2 text-left font-semibold @min-[36rem]:table-cell">
              On the plan
            </th>
          </tr>
        </thead>
        <tbody>
          {zones.map(({ place, isDrawn }) => {
            const count = counts.get(place);
            const query = new URLSearchParams({ place });
            return (
              <tr key={place} className="border-t border-line tabular-nums">
                <th scope="row" className="h-11 px-2 text-left font-medium">
                  <PlaceLink
                    place={{ site: site.id, screen: "items", query }}
                    className="hit inline-flex items-center underline decoration-edge underline-offset-3"
                  >
                    {place}
                  </PlaceLink>
                </th>
                <td className="px-2 text-right">{countText(count?.items ?? 0)}</td>
                <td className="hidden px-2 text-right @min-[36rem]:table-cell">
                  {countText(count?.inService ?? 0)}
                </td>
                <td className="hidden px-2 text-right @min-[36rem]:table-cell">
                  {countText(count?.missing ?? 0)}
                </td>
                <td className="px-2 text-right">
                  {seen.has(place) ? (
                    "just now"
                  ) : count?.lastSeenAt == null ? (
                    heatWords[heatOf(count, nowMs)]
                  ) : (
                    <Age at={count.lastSeenAt} />
                  )}
                </td>
                <td className="hidden px-2 @min-[36rem]:table-cell">{isDrawn ? "drawn" : "laid out"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
};
