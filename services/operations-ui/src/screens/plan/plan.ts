import type { LoggedEvent, PlaceCount, Zone, ZonePoint } from "@tagwire/messages";

/*
 * Where places lie on the plan, and how warm they are. Pure, and given the time.
 */

/** A place with its outline in metres; `isDrawn` where somebody drew it, else it is laid out beside the others. */
export type PlanZone = {
  readonly place: string;
  readonly points: readonly ZonePoint[];
  readonly isDrawn: boolean;
};

/** The zone that a place is given while nobody has drawn one, and the way between two of them, in m. */
const cell = { width: 10, height: 6, gap: 1 } as const;

const byName = (one: string, other: string): number => one.localeCompare(other, "en", { numeric: true });

/** The corners of a rectangle, clockwise from the upper left one. */
export const rectangle = (x: number, y: number, width: number, height: number): ZonePoint[] => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
];

/**
 * The zones of a plan: those that were drawn where they are, and every other place in rows below them, by name, so that a site that nobody
 * has drawn has a plan all the same.
 */
export const layOut = (
  places: Iterable<string>,
  drawn: readonly Pick<Zone, "place" | "points">[],
  columns: number,
): PlanZone[] => {
  const zones = drawn.map(({ place, points }): PlanZone => ({ place, points, isDrawn: true }));
  const known = new Set(drawn.map(({ place }) => place));
  const below = zones.flatMap(({ points }) => points.map(({ y }) => y));
  const top = below.length === 0 ? 0 : Math.max(...below) + 2 * cell.gap;
  const others = [...new Set(places)].filter((place) => !known.has(place)).sort(byName);
  return [
    ...zones,
    ...others.map((place, index): PlanZone => {
      const x = (index % columns) * (cell.width + cell.gap);
      const y = top + Math.floor(index / columns) * (cell.height + cell.gap);
      return { place, points: rectangle(x, y, cell.width, cell.height), isDrawn: false };
    }),
  ];
};

/** In how many columns places stand that nobody has drawn: a phone is as wide as three of them. */
export const columnsFor = (isNarrow: boolean, places: number): number =>
  isNarrow ? 3 : Math.max(4, Math.ceil(Math.sqrt(places)));

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** The rectangle around some corners. */
export const boxOf = (points: readonly ZonePoint[]): Box => {
  if (points.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
};

/** How many of a place's things were seen within the hour, the day, the week or the month, or earlier: what it is as warm as. */
export const heats = ["hour", "day", "week", "month", "earlier", "empty"] as const;
export type Heat = (typeof heats)[number];
const heatHours: readonly (readonly [heat: Heat, hours: number])[] = [
  ["hour", 1],
  ["day", 24],
  ["week", 168],
  ["month", 720],
];
const hourMs = 3_600_000;

/** How long ago something was last seen at a place, as warmth; time alone cools it. */
export const heatOf = (count: PlaceCount | undefined, nowMs: number): Heat => {
  if (count === undefined || count.items === 0) return "empty";
  if (count.lastSeenAt === null) return "earlier";
  const hours = (nowMs - Date.parse(count.lastSeenAt)) / hourMs;
  return heatHours.find(([, limit]) => hours < limit)?.[0] ?? "earlier";
};

/** The place that an event of a thing is about, where it says one. */
export const placeOf = ({ data }: Pick<LoggedEvent, "data">): string | undefined => {
  const { scan, set } = data as { scan?: { place?: unknown }; set?: { place?: unknown } };
  const place = set?.place ?? scan?.place;
  return typeof place === "string" ? place : undefined;
};

/** For so long a place that something was just seen at says so, in ms. */
const justNowMs = 10_000;

/** Places at which something was scanned or put a moment ago. */
export const justSeen = (events: Iterable<LoggedEvent>, nowMs: number): ReadonlySet<string> =>
  new Set(
    [...events].flatMap((event) =>
      nowMs - Date.parse(event.recordedAt) < justNowMs ? (placeOf(event) ?? []) : [],
    ),
  );

const cornerText = /^(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)$/;

/** Corners as they are written, `0,0 10,0 10,6`; undefined where that is no outline. */
export const readCorners = (text: string): ZonePoint[] | undefined => {
  const parts = text.trim().split(/[\s;]+/);
  const points = parts.flatMap((part): ZonePoint[] => {
    const [, x, y] = cornerText.exec(part) ?? [];
    return x === undefined || y === undefined ? [] : [{ x: Number(x), y: Number(y) }];
  });
  return points.length === parts.length && points.length >= 3 ? points : undefined;
};

export const cornersText = (points: readonly ZonePoint[]): string =>
  points.map(({ x, y }) => `${x},${y}`).join(" ");
