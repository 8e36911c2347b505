import type { ReadRules, TagIdentity } from "@tagwire/messages";

type Ruled = {
  readonly name: keyof ReadRules;
  readonly word: string;
  readonly unit: string;
  readonly perUnit: number;
  /** The bounds of the schema, as the rule is stored: the page leaves schemas out, and a test holds them against it. */
  readonly least: number;
  readonly most: number;
};

/** Rules that are numbers, as people set them. */
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

/** What names a tag, in words of the field. */
export const identityWords = {
  epc: "its EPC",
  tid: "the number of its chip; reads without it lead to nothing",
  both: "its EPC, and two chips with one EPC are told apart",
} as const satisfies Record<TagIdentity, string>;

const numberText = (value: number): string => new Intl.NumberFormat("en-GB").format(value).replace(/^-/, "−");

const rangeText = ({ word, unit, perUnit, least, most }: Ruled): string =>
  `${word} is a number from ${numberText(least / perUnit)} to ${numberText(most / perUnit)} (${unit}).`;

export type RuleField = (typeof ruleFields)[number]["name"];

/** Rules as they stand in the fields; empty where nothing is said. Beginnings of wanted tags stand with spaces or commas between them. */
export type RuleTexts = Readonly<Record<RuleField, string>> & {
  readonly tags: string;
  readonly identity: TagIdentity | "";
};

/** As the schema has it: what wanted tags begin with, and how many such beginnings there may be. */
const beginning = /^(?:[0-9A-Fa-f]+|urn:epc:id:[!-~]+|https:[!-~]+)$/;
const beginningLengthMax = 128;
export const beginningsMax = 64;

export const textsOf = (rules: ReadRules): RuleTexts => ({
  ...(Object.fromEntries(
    ruleFields.map(({ name, perUnit }) => {
      const value = rules[name];
      return [name, value === undefined || value === null ? "" : String(value / perUnit)];
    }),
  ) as Record<RuleField, string>),
  tags: (rules.tags ?? []).join(" "),
  identity: rules.identity ?? "",
});

/** What people type, a comma or a minus of print in it. */
const numberOf = (text: string): number => Number(text.replace(",", ".").replace("−", "-"));

type Read = { readonly rules: ReadRules } | { readonly wrong: string };

const wantedTags = (before: ReadRules, text: string): Read => {
  const tags = text.split(/[\s,;]+/).filter((part) => part !== "");
  const odd = tags.find((tag) => !beginning.test(tag) || tag.length > beginningLengthMax);
  if (odd !== undefined)
    return { wrong: `Wanted tags begin with hex, with urn:epc:id: or with https: — ${odd} does not.` };
  if (tags.length > beginningsMax)
    return { wrong: `${beginningsMax} beginnings of wanted tags at most; these are ${tags.length}.` };
  // An empty list is a rule of its own: all tags are wanted here, whatever holds elsewhere.
  const isSilent = tags.length === 0 && (before.tags === undefined || before.tags.length > 0);
  return { rules: isSilent ? {} : { tags } };
};

/** The rules that the fields say; or which field is wrong, and what it takes. */
export const rulesOf = (before: ReadRules, texts: RuleTexts): Read => {
  const wanted = wantedTags(before, texts.tags);
  if ("wrong" in wanted) return wanted;
  const rules: Record<string, unknown> = {
    ...wanted.rules,
    ...(texts.identity === "" ? {} : { identity: texts.identity }),
  };
  for (const field of ruleFields) {
    const { name, perUnit, least, most } = field;
    const text = texts[name].trim();
    const value = numberOf(text) * perUnit;
    if (text !== "" && !(least <= value && value <= most)) return { wrong: rangeText(field) };
    if (text !== "") rules[name] = value;
    // Null is a rule of its own: reads of any strength count, whatever holds elsewhere.
    else if (before[name] === null) rules[name] = null;
  }
  return { rules: rules as ReadRules };
};
