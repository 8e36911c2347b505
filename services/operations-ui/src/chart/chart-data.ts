/** How the series of a chart stand to each other. */
export type ChartShape = "stacked" | "beside" | "line";

export type ChartSeries = {
  readonly word: string;
  /** The token of the theme that it is drawn in, as `--ink`. */
  readonly colour: string;
  /** One for each point; null where nothing is known. */
  readonly values: readonly (number | null)[];
};

/** What a chart shows, and its table says. */
export type ChartData = {
  readonly shape: ChartShape;
  /** What each point is called, in the order in which they stand. */
  readonly points: readonly string[];
  readonly series: readonly ChartSeries[];
  /** A value as people read it. */
  readonly text: (value: number) => string;
  /** The end of the scale where it is known before any value, as 1 of a share. */
  readonly top?: number;
};

/** A round number that is not below the highest value: what the scale ends at. */
export const niceTop = (most: number): number => {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= most) ?? 10) * power;
};

/** Series on top of each other: each with all that stand before it, so that the last is as high as all together. */
export const stackedValues = (series: readonly Pick<ChartSeries, "values">[]): (number | null)[][] => {
  const stacked: (number | null)[][] = [];
  for (const { values } of series) {
    const below = stacked.at(-1);
    stacked.push(values.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)));
  }
  return stacked;
};

/** The highest value that is drawn. */
export const highest = ({ shape, series }: Pick<ChartData, "shape" | "series">): number => {
  const drawn = shape === "stacked" ? stackedValues(series).slice(-1) : series.map(({ values }) => values);
  return drawn.flat().reduce((most: number, value) => Math.max(most, value ?? 0), 0);
};

/** What stands beneath the chart: so many of the points that their words do not touch, the last one always among them. */
export const shownPoints = (count: number, most: number): number[] => {
  const step = Math.max(1, Math.ceil(count / Math.max(1, most)));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => count - 1 - index * step).reverse();
};

/** A point in words: `14:00: 12 taken, 1 refused`. */
export const pointText = ({ points, series, text }: ChartData, index: number): string => {
  const values = series.map(({ word, values: all }) => {
    const value = all[index];
    return `${value == null ? "unknown" : text(value)} ${word}`;
  });
  return `${points[index] ?? ""}: ${values.join(", ")}`;
};
