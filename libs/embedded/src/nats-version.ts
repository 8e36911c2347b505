export interface Version {
  readonly numbers: readonly [major: number, minor: number, patch: number];
  /** `RC.1` in `2.12.7-RC.1`: something older than the release of the same number. */
  readonly preRelease: string | undefined;
}

export const minimumNatsVersion = "2.12.7";

export const whyMinimumNatsVersion =
  "atomic batch publishing needs 2.12, and 2.12.7 closes five authorization holes of earlier releases";

/**
 * The first version number in a text: `nats-server: v2.15.1`, `2.12.7-RC.1`, or a Debian version such as
 * `1:2.12.7~rc1-2+b3` (epoch and packaging revision are not part of it). `undefined` when there is none.
 */
export const parseVersion = (text: string): Version | undefined => {
  const match = /(?<![\d.])(\d+)\.(\d+)\.(\d+)(?:[-~]((?:rc|beta|alpha|preview|dev)[.\w]*))?/i.exec(text);
  if (match === null) return undefined;
  return { numbers: [Number(match[1]), Number(match[2]), Number(match[3])], preRelease: match[4] };
};

export const formatVersion = ({ numbers, preRelease }: Version): string =>
  numbers.join(".") + (preRelease === undefined ? "" : `-${preRelease}`);

/** True when `have` is `want` or newer. A pre-release comes before the release of its number. */
export const isAtLeast = (have: Version, want: Version): boolean => {
  for (const place of [0, 1, 2] as const) {
    if (have.numbers[place] !== want.numbers[place]) return have.numbers[place] > want.numbers[place];
  }
  return have.preRelease === undefined || want.preRelease !== undefined;
};

/** True when a text names a version that is new enough for Tagwire. */
export const isNewEnough = (text: string): boolean => {
  const have = parseVersion(text);
  const want = parseVersion(minimumNatsVersion);
  return have !== undefined && want !== undefined && isAtLeast(have, want);
};
