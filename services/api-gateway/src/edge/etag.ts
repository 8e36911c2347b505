import { Fault } from "@tagwire/messages";

const pattern = /^"v(\d{1,15})"$/;

export const etagOf = (version: number): string => `"v${version}"`;

/**
 * Whether an If-None-Match header names the version, or any with `*`. Weakly compared, as RFC 9110 §13.1.2 says: a proxy that packs
 * answers makes our tags weak.
 */
export const isKnownVersion = (ifNoneMatch: string | undefined, version: number): boolean => {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etagOf(version));
};

/**
 * The version an If-Match header names; null stands for `*`.
 *
 * A weak or foreign tag can never match (RFC 9110 §13.1.1 compares strongly), so it is as stale as an old one.
 *
 * @throws Fault `version_required` when it is missing; `version_stale` when it cannot be one of ours.
 */
export const versionWanted = (ifMatch: string | undefined): number | null => {
  const text = ifMatch?.trim();
  if (text === undefined || text === "") throw new Fault("version_required", "");
  if (text === "*") return null;
  const version = pattern.exec(text)?.[1];
  if (version === undefined) throw new Fault("version_stale", "");
  return Number(version);
};
