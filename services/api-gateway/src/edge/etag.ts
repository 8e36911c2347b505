import { Fault, versionsMax } from "@tagwire/messages";
import Type from "typebox";
import { malformedAt } from "./problem.ts";

const pattern = /^"v(\d{1,15})"$/;

export const etagOf = (version: number): string => `"v${version}"`;

/** What is known already of a resource with an ETag. */
export const IfNoneMatch = Type.Object({
  "if-none-match": Type.Optional(
    Type.String({ maxLength: 1_000, description: "ETags that are known already: 304 when one still holds" }),
  ),
});

/** The one version of ours that an If-None-Match header names; undefined where it names none, or several. */
export const versionKnown = (ifNoneMatch: string | undefined): number | undefined => {
  const version = pattern.exec((ifNoneMatch ?? "").trim().replace(/^W\//, ""))?.[1];
  return version === undefined ? undefined : Number(version);
};

/**
 * Whether an If-None-Match header names the version, or any with `*`. Weakly compared, as RFC 9110 §13.1.2 says: a proxy that packs
 * answers makes our tags weak.
 */
export const isKnownVersion = (ifNoneMatch: string | undefined, version: number): boolean => {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etagOf(version));
};

/** The header by which whoever changes a thing says which version of it was read. */
export const IfMatch = Type.Object({
  "if-match": Type.Optional(
    Type.String({ maxLength: 1_000, description: "the ETag that was read, several that will do, or *" }),
  ),
});

/**
 * The versions an If-Match header names, as a command tells them: one, `*` as null, or the first and all of a list. Tags that are not
 * ours match nothing, and are left out where one beside them may. A weak or foreign tag can never match (RFC 9110 §13.1.1 compares
 * strongly), so nothing but such is as stale as an old one.
 *
 * @throws Fault `version_required` when it is missing; `version_stale` when none can be one of ours; `malformed` beyond
 * {@link versionsMax}.
 */
export const versionsWanted = (
  ifMatch: string | undefined,
): { version: number | null; versions?: number[] } => {
  const text = (ifMatch ?? "").trim();
  if (text === "") throw new Fault("version_required", "");
  if (text === "*") return { version: null };
  const tags = text.split(",").map((tag) => tag.trim());
  const versions = [...new Set(tags.flatMap((tag) => pattern.exec(tag)?.[1] ?? []).map(Number))];
  const [version] = versions;
  if (version === undefined) throw new Fault("version_stale", "");
  if (versions.length === 1) return { version };
  if (versions.length > versionsMax)
    throw malformedAt("/if-match", `names more than ${versionsMax} (headers)`);
  return { version, versions };
};
