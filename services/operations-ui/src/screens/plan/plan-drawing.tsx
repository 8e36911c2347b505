import type { PlaceCount, ZonePoint } from "@tagwire/messages";
import { Fragment, type PointerEvent, type SVGProps } from "react";
import { routeText } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { ageText, countOf } from "../../words/time.ts";
import { boxOf, cornersText, type Heat, heatOf, type PlanZone } from "./plan.ts";
import type { PlanFigures } from "./use-plan.ts";

/** How much of the accent a zone wears: text on it stays readable in every theme. */
const heatShare: Readonly<Record<Heat, number>> = {
  hour: 38,
  day: 26,
  week: 16,
  month: 8,
  earlier: 3,
  empty: 0,
};
export const heatFill = (heat: Heat): string =>
  `color-mix(in srgb, var(--accent) ${heatShare[heat]}%, var(--panel))`;

export const heatWords: Readonly<Record<Heat, string>> = {
  hour: "within the hour",
  day: "within a day",
  week: "within a week",
  month: "within 30 days",
  earlier: "earlier, or never",
  empty: "nothing is there",
};

/** What a place says of itself: how much is there, and when it was seen last. */
export const zoneTexts = (count: PlaceCount | undefined, nowMs: number): string[] => {
  if (count === undefined || count.items === 0) return ["empty"];
  const seen =
    count.lastSeenAt === null ? "never seen" : ageText(Math.max(0, nowMs - Date.parse(count.lastSeenAt)));
  return [countOf(count.items, "item"), seen];
};

type Props = {
  zones: readonly PlanZone[];
  figures: Pick<PlanFigures, "counts" | "seen" | "nowMs">;
  /** The zone that is being drawn. */
  draft?: readonly ZonePoint[] | undefined;
  /** Which place is being drawn: the others are only looked at. */
  editing?: string | undefined;
  onPointer?: ((what: "down" | "move" | "up", at: ZonePoint) => void) | undefined;
};

const marginM = 1;

/** A place in the metres of the plan. */
const pointAt = ({ currentTarget, clientX, clientY }: PointerEvent<SVGSVGElement>): ZonePoint => {
  const matrix = currentTarget.getScreenCTM();
  if (matrix === null) return { x: 0, y: 0 };
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(matrix.inverse());
  return { x, y };
};

/** The plan as a picture: each place where it lies, as warm as it was seen lately. Its words stand in it; colour says nothing alone. */
export const PlanDrawing = ({ zones, figures, draft, editing, onPointer }: Props) => {
  const all = boxOf([...zones.flatMap(({ points }) => points), ...(draft ?? [])]);
  const [width, height] = [all.x + all.width, all.y + all.height];
  const box = [-marginM, -marginM, Math.max(10, width) + 2 * marginM, Math.max(6, height) + 2 * marginM];
  const drawing: SVGProps<SVGSVGElement> =
    onPointer === undefined
      ? {}
      : {
          onPointerDown: (event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            onPointer("down", pointAt(event));
          },
          onPointerMove: (event) => onPointer("move", pointAt(event)),
          onPointerUp: (event) => onPointer("up", pointAt(event)),
          style: { touchAction: "none", cursor: "crosshair" },
        };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in
    <svg
      role="group"
      aria-label="Floor plan"
      viewBox={box.join(" ")}
      className="block max-h-[75vh] w-full rounded-sm bg-sunken"
      {...drawing}
    >
      {zones.map((zone) => (
        <ZoneShown
          key={zone.place}
          {...{ zone, figures }}
          isLinked={onPointer === undefined}
          isFaint={editing !== undefined && editing !== zone.place}
        />
      ))}
      {draft !== undefined && draft.length >= 2 && (
        <polygon
          points={cornersText(draft)}
          fill="none"
          className="stroke-focus"
          strokeWidth={3}
          vectorEffect="non-scaling-stroke"
          strokeDasharray="8 4"
        />
      )}
    </svg>
  );
};

type ShownProps = { zone: PlanZone; figures: Props["figures"]; isLinked: boolean; isFaint: boolean };

/** The largest letters that let a line of so many stand in a zone, in m. */
const letterM = (box: { width: number; height: number }, letters: number, lines: number): number =>
  Math.min((box.width * 0.9) / (letters * 0.58), (box.height * 0.8) / (lines * 1.3), box.width / 5);

const ZoneShown = ({ zone, figures, isLinked, isFaint }: ShownProps) => {
  const site = useSite();
  const { counts, seen, nowMs } = figures;
  const count = counts.get(zone.place);
  const isNow = seen.has(zone.place);
  const box = boxOf(zone.points);
  const lines = [zone.place, ...zoneTexts(count, nowMs)];
  const letter = letterM(box, Math.max(...lines.map(({ length }) => length)), lines.length);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2 - ((lines.length - 1) / 2) * letter * 1.3];
  const drawn = (
    <g opacity={isFaint ? 0.55 : 1}>
      <polygon
        points={cornersText(zone.points)}
        style={{ fill: heatFill(heatOf(count, nowMs)) }}
        className={isNow ? "stroke-accent" : "stroke-edge"}
        strokeWidth={isNow ? 5 : 1.5}
        strokeDasharray={zone.isDrawn ? undefined : "5 4"}
        vectorEffect="non-scaling-stroke"
      />
      <text
        textAnchor="middle"
        dominantBaseline="central"
        className="pointer-events-none fill-ink tabular-nums select-none"
        fontSize={letter}
      >
        {lines.map((line, index) => (
          // The space is seen by nobody; without it the lines are one word to whoever has them read out.
          <Fragment key={line}>
            <tspan x={x} y={y + index * letter * 1.3} fontWeight={index === 0 ? 700 : 400}>
              {line}
            </tspan>{" "}
          </Fragment>
        ))}
      </text>
    </g>
  );
  if (!isLinked) return drawn;
  const query = new URLSearchParams({ place: zone.place });
  return (
    <a
      href={routeText({ site: site.id, screen: "items", query })}
      aria-label={`${lines.join(", ")}${isNow ? ", seen just now" : ""}`}
      className="outline-offset-2"
    >
      {drawn}
    </a>
  );
};
