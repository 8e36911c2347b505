/** A JSON object that somebody else wrote: nothing is known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const objectIn = (of: JsonObject, name: string): JsonObject | undefined => {
  const value = of[name];
  return isObject(value) ? value : undefined;
};

export const textIn = (of: JsonObject, name: string): string | undefined => {
  const value = of[name];
  return typeof value === "string" ? value : undefined;
};

export const numberIn = (of: JsonObject, name: string): number | undefined => {
  const value = of[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};

/** The first of these members that is a whole number from 1 to `max`. */
export const countIn = (of: JsonObject, names: readonly string[], max: number): number | undefined =>
  names
    .map((name) => numberIn(of, name))
    .find(
      (value): value is number =>
        value !== undefined && Number.isInteger(value) && value >= 1 && value <= max,
    );
