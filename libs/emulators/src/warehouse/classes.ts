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
  readonly sizes: readonly string[];
  readonly finishes: readonly string[];
};

const colours = [
  "white",
  "ivory",
  "navy",
  "wine",
  "black",
  "silver",
  "sage",
  "rose",
  "gold",
  "plum",
  "teal",
  "blush",
];
const tentTops = ["white", "clear", "striped", "blockout"];
const woods = ["natural", "white", "mahogany", "resin", "gold"];
const plain = [""];

const families: readonly Family[] = [
  {
    prefix: "FTT",
    category: "Frame Tent Tops",
    crew: "tent",
    weight: 3,
    sizes: ["10x10", "20x20", "20x40", "30x30", "40x40", "10x20 end", "15x15", "20x30"],
    finishes: tentTops,
  },
  {
    prefix: "PTT",
    category: "Pole Tent Tops",
    crew: "tent",
    weight: 2,
    sizes: ["20x30", "40x60", "60x30 end", "60x40 middle", "80x30 end", "40x20 middle"],
    finishes: tentTops,
  },
  {
    prefix: "TCR",
    category: "Tent Crates",
    crew: "tent",
    weight: 1,
    sizes: ["ratchets", "stakes", "ropes", "ballast straps", "side poles", "center poles"],
    finishes: plain,
  },
  {
    prefix: "SDW",
    category: "Sidewall",
    crew: "tent",
    weight: 4,
    sizes: ["7x20", "8x20", "8x10", "9x20", "10x20"],
    finishes: ["solid", "window", "mesh", "clear", "door"],
  },
  {
    prefix: "NAP",
    category: "Napkins",
    crew: "linen",
    weight: 6,
    sizes: ["20 inch", "cocktail"],
    finishes: colours,
  },
  {
    prefix: "REC",
    category: "Rectangle Linen",
    crew: "linen",
    weight: 10,
    sizes: ["60x120", "90x132", "90x156", "54x54", "72x72", "60x90", "runner"],
    finishes: colours,
  },
  {
    prefix: "RND",
    category: "Round Linen",
    crew: "linen",
    weight: 12,
    sizes: ["90", "108", "120", "132", "96", "72"],
    finishes: colours,
  },
  {
    prefix: "SKT",
    category: "Skirt",
    crew: "linen",
    weight: 2,
    sizes: ["13 ft", "17 ft", "21 ft"],
    finishes: colours,
  },
  {
    prefix: "SPX",
    category: "Spandex",
    crew: "linen",
    weight: 3,
    sizes: ["cocktail", "6 ft", "8 ft", "chair band"],
    finishes: colours,
  },
  {
    prefix: "CHR",
    category: "Chairs",
    crew: "service",
    weight: 14,
    sizes: ["folding", "chiavari", "cross back", "bar", "child", "padded"],
    finishes: woods,
  },
  {
    prefix: "TBL",
    category: "Tables",
    crew: "service",
    weight: 7,
    sizes: ["60 round", "6 ft banquet", "8 ft banquet", "48 round", "72 round", "cocktail", "farm"],
    finishes: woods,
  },
  {
    prefix: "HTR",
    category: "Heaters",
    crew: "service",
    weight: 1,
    sizes: ["patio", "170k tent", "80k tent", "tabletop"],
    finishes: plain,
  },
  {
    prefix: "FAN",
    category: "Fans and Lights",
    crew: "service",
    weight: 1,
    sizes: ["drum fan", "globe string", "par can", "pedestal fan", "chandelier", "up light"],
    finishes: plain,
  },
  {
    prefix: "RSL",
    category: "Resale",
    crew: "service",
    weight: 9,
    sizes: ["fuel can", "cutlery roll", "paper runner", "plate pack", "cup pack", "candle box"],
    finishes: colours,
  },
];

/** A family's classes, its first colour in every size, then the next: a small house has few of each. */
const classesOf = ({ prefix, category, crew, weight, sizes, finishes }: Family): ItemClass[] => {
  const kinds = finishes.flatMap((finish) => sizes.map((size) => `${size} ${finish}`.trim()));
  return kinds.map((kind, index) => ({
    id: `${prefix}${String(index + 1).padStart(2, "0")}`,
    name: `${category.replace(/s$/, "")} ${kind}`,
    category,
    crew,
    // What came first is what the house has most of.
    weight: weight / (index + 1),
  }));
};

/** 489 classes were in use among 12,477 real items; no house has fewer than a few of each family. */
const classesPerItem = 489 / 12_477;
const classesMin = 40;

/** The classes of a stock of so many items: from every family in turn, until there are enough. */
export const classesFor = (itemCount: number): readonly ItemClass[] => {
  const wanted = Math.max(classesMin, Math.round(itemCount * classesPerItem));
  const byFamily = families.map(classesOf);
  const rows = Math.max(...byFamily.map(({ length }) => length));
  return Array.from({ length: rows }, (_, row) => byFamily.flatMap((classes) => classes[row] ?? []))
    .flat()
    .slice(0, wanted);
};
