import {
  type FindingOpenedParams,
  type FindingSeverity,
  findingKinds,
  type Severity,
} from "@tagwire/messages";

/** What the projection itself finds, by its code, and how severe it is. The compiler asks for the rows of each where they are read. */
const ownSeverities = { tag_unknown: "warning" } as const satisfies Readonly<Record<string, Severity>>;
export type FindingCode = keyof typeof ownSeverities;
export const ownCodes = Object.keys(ownSeverities) as readonly FindingCode[];

/** How severe an alert is of what an audit finds. */
const severityOf: Readonly<Record<FindingSeverity, Severity>> = {
  critical: "critical",
  high: "warning",
  medium: "info",
};

const severities: Readonly<Record<string, Severity>> = {
  ...ownSeverities,
  ...Object.fromEntries(
    Object.entries(findingKinds).map(([code, { severity }]) => [code, severityOf[severity]]),
  ),
};

/** Every code that is found, here or by audits. A rule may name any other: it finds something once something of that code is found. */
export const findingCodes = Object.keys(severities);

const isWanted = ({ codes, severities: wanted }: FindingOpenedParams, code: string): boolean =>
  (codes?.includes(code) ?? true) && (wanted?.includes(severities[code] ?? "info") ?? true);

/** The codes that a rule looks for, of those that the projection finds. */
export const wantedCodes = (params: FindingOpenedParams): readonly FindingCode[] =>
  ownCodes.filter((code) => isWanted(params, code));

/** Whether a rule looks for what an audit found. */
export const wantsAudited = (params: FindingOpenedParams, code: string): boolean =>
  Object.hasOwn(findingKinds, code) && isWanted(params, code);

/** The codes that a rule names and nothing finds so far. */
export const unfoundCodes = ({ codes = [] }: FindingOpenedParams): readonly string[] =>
  codes.filter((code) => !Object.hasOwn(severities, code));
