export type Crew = "tent" | "linen" | "service";

/** What can be rented: many items share a class. */
export type ItemClass = {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly crew: Crew;
  /** How common it is, against the others. */
  readonly weight: number;
};

type Family = {
  readonly prefix: string;
  readonly category: string;
  readonly crew: Crew;
  readonly weight: number;
  readonly kinds: readonly string[];
};

const families: readonly Family[] = [
  {
    prefix: "FTT",
    category: "Frame Tent Tops",
    crew: "tent",
    weight: 3,
    kinds: ["10x10", "20x20", "20x40", "30x30"],
  },
  {
    prefix: "PTT",
    category: "Pole Tent Tops",
    crew: "tent",
    weight: 2,
    kinds: ["20x30", "40x60", "60x30 end"],
  },
  { prefix: "TCR", category: "Tent Crates", crew: "tent", weight: 1, kinds: ["ratchets", "stakes"] },
  {
    prefix: "SDW",
    category: "Sidewall",
    crew: "tent",
    weight: 4,
    kinds: ["7x20 solid", "8x20 window", "8x20 mesh"],
  },
  { prefix: "NAP", category: "Napkins", crew: "linen", weight: 6, kinds: ["white", "ivory", "navy", "wine"] },
  {
    prefix: "REC",
    category: "Rectangle Linen",
    crew: "linen",
    weight: 10,
    kinds: ["60x120 white", "90x132 white", "90x156 black"],
  },
  {
    prefix: "RND",
    category: "Round Linen",
    crew: "linen",
    weight: 12,
    kinds: ["90 white", "108 white", "120 ivory", "132 navy"],
  },
  { prefix: "SKT", category: "Skirt", crew: "linen", weight: 2, kinds: ["13 ft white", "17 ft black"] },
  { prefix: "SPX", category: "Spandex", crew: "linen", weight: 3, kinds: ["cocktail black", "6 ft white"] },
  {
    prefix: "CHR",
    category: "Chairs",
    crew: "service",
    weight: 14,
    kinds: ["folding white", "folding resin", "chiavari gold"],
  },
  {
    prefix: "TBL",
    category: "Tables",
    crew: "service",
    weight: 7,
    kinds: ["60 round", "6 ft banquet", "8 ft banquet"],
  },
  { prefix: "HTR", category: "Heaters", crew: "service", weight: 1, kinds: ["patio", "170k tent"] },
  {
    prefix: "FAN",
    category: "Fans and Lights",
    crew: "service",
    weight: 1,
    kinds: ["drum fan", "globe string"],
  },
  {
    prefix: "RSL",
    category: "Resale",
    crew: "service",
    weight: 9,
    kinds: ["fuel can", "cutlery roll", "paper runner"],
  },
];

/** Every class of the synthetic warehouse. */
export const itemClasses: readonly ItemClass[] = families.flatMap(
  ({ prefix, category, crew, weight, kinds }) =>
    kinds.map((kind, index) => ({
      id: `${prefix}${String(index + 1).padStart(2, "0")}`,
      name: `${category.replace(/s$/, "")} ${kind}`,
      category,
      crew,
      weight: weight / kinds.length,
    })),
);
