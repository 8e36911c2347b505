import type { Random } from "../random.ts";

export type PlaceKind = "shelf" | "role" | "dock";
export type Place = { readonly id: string; readonly kind: PlaceKind };

const shelves = ["NR4x1", "NR4x2", "NR5x1", "NR5x2", "NR2x1", "NR3x2", "NR4D2", "NR1D1"].concat([
  "MR4J2",
  "MR1F2",
  "MR2A1",
  "MR3C1",
  "MR2F2",
]);
const roles = ["resale", "pack", "sold", "burst", "tent room"];

export const dockOut = "DOCK1";
export const dockIn = "DOCK2";

/** Where goods can be: shelf codes, bins that are really roles, and the two docks. */
export const places: readonly Place[] = [
  ...shelves.map((id) => ({ id, kind: "shelf" as const })),
  ...roles.map((id) => ({ id, kind: "role" as const })),
  { id: dockOut, kind: "dock" },
  { id: dockIn, kind: "dock" },
];

export const drawShelf = (random: Random): string => random.pick(shelves);

/** One field held shelves, roles and junk: of 12,477 real items 5,957 were in `resale`, 1,896 in `pack`, 1,025 nowhere. */
export const drawPlace = (random: Random): string | null =>
  random.weighted<string | null>([
    ["resale", 5957],
    ["pack", 1896],
    [null, 1025],
    ["burst", 60],
    ["tent room", 240],
    [drawShelf(random), 3299],
  ]);
