import type { Random } from "../random.ts";

export type PlaceKind = "shelf" | "room" | "role" | "dock";
export type Place = { readonly id: string; readonly kind: PlaceKind };

const shelves = [
  ...[
    "NR4x1",
    "NR4x2",
    "NR5x1",
    "NR5x2",
    "NR2x1",
    "NR2x2",
    "NR3x1",
    "NR3x2",
    "NR6x1",
    "NR4D2",
    "NR1D1",
    "NR1D2",
    "NR2D1",
    "NR3D2",
  ],
  ...[
    "MR4J2",
    "MR1F2",
    "MR2A1",
    "MR3C1",
    "MR2F2",
    "MR1A1",
    "MR1C2",
    "MR2C1",
    "MR3A2",
    "MR3F1",
    "MR4A1",
    "MR4C2",
    "MR4F1",
    "MR4J1",
  ],
];
const rooms = ["tent room"];
const roles = ["resale", "pack", "sold", "burst"];

export const dockOut = "DOCK1";
export const dockIn = "DOCK2";

/** Where goods can be, 35 places as in the real house: shelf codes, a room, bins that are really roles, and the two docks. */
export const places: readonly Place[] = [
  ...shelves.map((id) => ({ id, kind: "shelf" as const })),
  ...rooms.map((id) => ({ id, kind: "room" as const })),
  ...roles.map((id) => ({ id, kind: "role" as const })),
  { id: dockOut, kind: "dock" },
  { id: dockIn, kind: "dock" },
];

export const drawShelf = (random: Random): string => random.pick(shelves);

/** What a thing is kept for, where its bin says that, or else where it is. */
export type Whereabouts = { readonly place: string | null; readonly role: string | null };

/** Tells apart what one field of the old system held. */
export const whereaboutsOf = (bin: string | null): Whereabouts =>
  bin !== null && roles.includes(bin) ? { place: null, role: bin } : { place: bin, role: null };

/** The bin that goods stand in: a shelf says more than what they are kept for. */
export const binOf = ({ place, role }: Whereabouts): string | null => place ?? role;

/** One field held shelves, roles and junk: of 12,477 real items 5,957 were in `resale`, 1,896 in `pack`, 1,025 nowhere. */
export const drawBin = (random: Random): string | null =>
  random.weighted<string | null>([
    ["resale", 5957],
    ["pack", 1896],
    [null, 1025],
    ["burst", 60],
    ["tent room", 240],
    [drawShelf(random), 3299],
  ]);
