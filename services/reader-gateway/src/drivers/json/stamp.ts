const isoTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)$/;
const shortZone = /([+-]\d\d)(\d\d)$/;

/** Epoch numbers tell their unit by their size: these are the years 2001 to 2286 in seconds. */
const seconds = { min: 1e9, max: 1e10 } as const;

/**
 * A reader's time stamp in Unix ms: ISO 8601 with a zone (Zebra writes `+0000`, Impinj nanoseconds), or the epoch in seconds,
 * ms or µs. Undefined for anything else: a time without a zone could be hours off.
 */
export const stampMs = (value: unknown): number | undefined => {
  if (typeof value === "number") {
    for (const perMs of [1 / 1_000, 1, 1_000])
      if (value >= seconds.min * 1_000 * perMs && value < seconds.max * 1_000 * perMs) return value / perMs;
    return undefined;
  }
  const [, time, fraction = "0", zone] = (typeof value === "string" && isoTime.exec(value)) || [];
  if (time === undefined || zone === undefined) return undefined;
  const at = Date.parse(`${time}.${fraction.slice(0, 3).padEnd(3, "0")}${zone.replace(shortZone, "$1:$2")}`);
  return Number.isNaN(at) ? undefined : at;
};
