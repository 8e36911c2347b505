import type { ReadRules } from "@tagwire/messages";

type Ruled = {
  readonly name: keyof ReadRules;
  readonly word: string;
  readonly unit: string;
  readonly perUnit: number;
  /** The bounds of the schema, as the rule is stored: the page leaves schemas out, and a test holds them against it. */
  readonly least: number;
  readonly most: number;
};

/** Rules that are numbers, as people set them; the wanted tags and what names a tag stay as they are. */
export const ruleFields = [
  { name: "minRssiDbm", word: "Least strength", unit: "dBm", perUnit: 1, least: -120, most: 0 },
  { name: "minReads", word: "Least reads", unit: "in the window", perUnit: 1, least: 1, most: 1_000 },
  { name: "windowMs", word: "Window", unit: "ms", perUnit: 1, least: 10, most: 60_000 },
  { name: "dwellMs", word: "Dwell", unit: "ms", perUnit: 1, least: 0, most: 60_000 },
  { name: "reReportMs", word: "Say again after", unit: "s", perUnit: 1_000, least: 100, most: 86_400_000 },
  { name: "departMs", word: "Gone after", unit: "s", perUnit: 1_000, least: 1_000, most: 604_800_000 },
  { name: "moveThresholdDb", word: "Moved when louder by", unit: "dB", perUnit: 1, least: 0, most: 40 },
  { name: "moveHoldOffMs", word: "Hold-off", unit: "ms", perUnit: 1, least: 0, most: 60_000 },
] as const satisfies readonly Ruled[];

const identityWords = {
  epc: "A tag's name is its EPC.",
  tid: "A tag's name is the number of its chip; reads without it lead to nothing.",
  both: "A tag's name is its EPC, and two chips with one EPC are told apart.",
} as const satisfies Record<NonNullable<ReadRules["identity"]>, string>;

/** The rules that have no field here, in sentences: a file of settings, or the API, has set them. */
export const otherRuleTexts = ({ tags = [], identity }: ReadRules): string[] => [
  ...(tags.length === 0 ? [] : [`Only tags that begin so are wanted: ${tags.join(", ")}`]),
  ...(identity === undefined ? [] : [identityWords[identity]]),
];

const numberText = (value: number): string => new Intl.NumberFormat("en-GB").format(value).replace(/^-/, "−");

const rangeText = ({ word, unit, perUnit, least, most }: Ruled): string =>
  `${word} is a number from ${numberText(least / perUnit)} to ${numberText(most / perUnit)} (${unit}).`;

export type RuleField = (typeof ruleFields)[number]["name"];

/** Rules as they stand in the fields; empty where nothing is said. */
export const textsOf = (rules: ReadRules): Record<RuleField, string> =>
  Object.fromEntries(
    ruleFields.map(({ name, perUnit }) => {
      const value = rules[name];
      return [name, value === undefined || value === null ? "" : String(value / perUnit)];
    }),
  ) as Record<RuleField, string>;

/** The rules that the fields say, with those that have no field kept; or which field is wrong, and what it takes. */
export const rulesOf = (
  before: ReadRules,
  texts: Readonly<Record<RuleField, string>>,
): { readonly rules: ReadRules } | { readonly wrong: string } => {
  const rules: Record<string, unknown> = { ...before };
  for (const field of ruleFields) {
    const { name, perUnit, least, most } = field;
    const text = texts[name].trim().replace(",", ".").replace("−", "-");
    const value = Number(text) * perUnit;
    // Null is a rule of its own: reads of any strength count, whatever holds elsewhere.
    const isAsItWas = text === "" && before[name] === null;
    if (isAsItWas) continue;
    if (text !== "" && !(least <= value && value <= most)) return { wrong: rangeText(field) };
    if (text === "") delete rules[name];
    else rules[name] = value;
  }
  return { rules: rules as ReadRules };
};
