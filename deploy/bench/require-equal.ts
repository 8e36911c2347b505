import { canonicalJson } from "@tagwire/digest";

const shownCharactersMax = 2_000;
const shown = (value: unknown): string => canonicalJson(value).slice(0, shownCharactersMax);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The members in which two records differ; the whole of what is no record. */
const differing = (left: unknown, right: unknown): readonly [unknown, unknown] => {
  if (!isRecord(left) || !isRecord(right)) return [left, right];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (name) => canonicalJson(left[name] ?? null) !== canonicalJson(right[name] ?? null),
  );
  const only = (of: Record<string, unknown>) =>
    Object.fromEntries(names.map((name) => [name, of[name] ?? null]));
  return [only(left), only(right)];
};

/** @throws Error that shows in what the two differ. */
export const requireEqual = (what: string, left: unknown, right: unknown): void => {
  if (canonicalJson(left) === canonicalJson(right)) return;
  const [one, other] = differing(left, right);
  throw new Error(`${what}: ${shown(one)} is not ${shown(other)}`);
};
