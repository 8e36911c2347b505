/** GS1 application identifiers that a tag on rental stock may carry, by what people call them. */
const names: Readonly<Record<string, string>> = {
  "10": "Lot",
  "11": "Made on",
  "13": "Packed on",
  "15": "Best before",
  "16": "Sell by",
  "17": "Expires",
  "22": "Variant",
  "235": "Third-party serial",
  "240": "Maker's part",
  "241": "Customer's part",
  "250": "Second serial",
  "251": "Source",
  "400": "Order",
  "410": "Ship to",
  "414": "Location",
  "422": "Country of origin",
  "7003": "Expires",
  "7006": "Frozen on",
  "7007": "Harvested on",
  "8008": "Made at",
};

const dated = new Set(["11", "13", "15", "16", "17", "7003", "7006", "7007", "8008"]);

/**
 * GS1 writes years with two digits: they are those from 49 years before now to 50 years after (General Specifications, "Determination of
 * century in dates").
 */
const yearOf = (twoDigits: number, nowYear: number): number => {
  const sameCentury = nowYear - (nowYear % 100) + twoDigits;
  if (sameCentury - nowYear > 50) return sameCentury - 100;
  return sameCentury - nowYear < -49 ? sameCentury + 100 : sameCentury;
};

/** Day 00 is the end of the month, which a month alone says as well. */
const dateText = (digits: string, nowYear: number): string => {
  const [year = 0, month = 0, day = 0, ...time] = (digits.match(/../g) ?? []).map(Number);
  const parts = [yearOf(year, nowYear), month, ...(day === 0 ? [] : [day])];
  const date = parts.map((part) => String(part).padStart(2, "0")).join("-");
  const clock = time.map((part) => String(part).padStart(2, "0")).join(":");
  return clock === "" ? date : `${date} ${clock.includes(":") ? clock : `${clock} h`}`;
};

const valueText = (identifier: string, value: string, nowYear: number): string => {
  if (!dated.has(identifier)) return value;
  if (identifier === "7007" && value.length === 12)
    return `${dateText(value.slice(0, 6), nowYear)} to ${dateText(value.slice(6), nowYear)}`;
  return dateText(value, nowYear);
};

/** What a tag says besides its identity, a line for each application identifier. */
export const tagDataLines = (
  data: Readonly<Record<string, string>>,
  nowYear: number,
): readonly { readonly identifier: string; readonly text: string }[] =>
  Object.entries(data).map(([identifier, value]) => ({
    identifier,
    text: `${names[identifier] ?? `(${identifier})`}: ${valueText(identifier, value, nowYear)}`,
  }));
