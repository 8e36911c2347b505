import type { ReadRules } from "@tagwire/messages";

/** Rules that are numbers, as people set them; the wanted tags and what names a tag stay as they are. */
export const ruleFields = [
  { name: "minRssiDbm", word: "Least strength", unit: "dBm", perUnit: 1 },
  { name: "minReads", word: "Least reads", unit: "in the window", perUnit: 1 },
  { name: "windowMs", word: "Window", unit: "ms", perUnit: 1 },
  { name: "dwellMs", word: "Dwell", unit: "ms", perUnit: 1 },
  { name: "reReportMs", word: "Say again after", unit: "s", perUnit: 1_000 },
  { name: "departMs", word: "Gone after", unit: "s", perUnit: 1_000 },
] as const satisfies readonly { name: keyof ReadRules; word: string; unit: string; perUnit: number }[];

export type RuleField = (typeof ruleFields)[number]["name"];

/** Rules as they stand in the fields; empty where nothing is said. */
export const textsOf = (rules: ReadRules): Record<RuleField, string> =>
  Object.fromEntries(
    ruleFields.map(({ name, perUnit }) => {
      const value = rules[name];
      return [name, value === undefined || value === null ? "" : String(value / perUnit)];
    }),
  ) as Record<RuleField, string>;

/** The rules that the fields say, with those that have no field kept; or which field is no number. */
export const rulesOf = (
  before: ReadRules,
  texts: Readonly<Record<RuleField, string>>,
): { readonly rules: ReadRules } | { readonly wrong: string } => {
  const rules: Record<string, unknown> = { ...before };
  for (const { name, word, perUnit } of ruleFields) {
    const text = texts[name].trim().replace(",", ".").replace("−", "-");
    const value = Number(text) * perUnit;
    if (!Number.isFinite(value)) return { wrong: `${word} is not a number.` };
    // Null is a rule of its own: reads of any strength count, whatever holds elsewhere.
    const isAsItWas = text === "" && before[name] === null;
    if (isAsItWas) continue;
    if (text === "") delete rules[name];
    else rules[name] = value;
  }
  return { rules: rules as ReadRules };
};
