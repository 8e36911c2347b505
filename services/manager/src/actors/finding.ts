import type { FindingOpenedParams, Severity } from "@tagwire/messages";

/**
 * What is found so far, by its code, and how severe it is. Whoever finds more names it here, and the compiler asks for its rows where
 * findings are read. A rule may name any code: it finds something once something of that code is found.
 */
export const findingSeverities = {
  tag_unknown: "warning",
} as const satisfies Readonly<Record<string, Severity>>;

export type FindingCode = keyof typeof findingSeverities;
export const findingCodes = Object.keys(findingSeverities) as readonly FindingCode[];

/** The codes that a rule looks for, of those that there are. */
export const wantedCodes = ({ codes, severities }: FindingOpenedParams): readonly FindingCode[] =>
  findingCodes.filter(
    (code) => (codes?.includes(code) ?? true) && (severities?.includes(findingSeverities[code]) ?? true),
  );

/** The codes that a rule names and nothing finds so far. */
export const unfoundCodes = ({ codes = [] }: FindingOpenedParams): readonly string[] =>
  codes.filter((code) => !Object.hasOwn(findingSeverities, code));
