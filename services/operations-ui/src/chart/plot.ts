import UPlot from "uplot";
import { type ChartData, highest, niceTop, shownPoints, stackedValues } from "./chart-data.ts";
import "./plot.css";

/** Words beneath the chart have so much room each; their letters are as large as others, which on a wall is larger. */
const wordRem = 4.75;
const fontRem = 0.8125;
const family = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** Where the system chooses the colours there are two, and the order of the series tells them apart. */
const systemColour = "CanvasText";

const colourOf = (token: string): string =>
  matchMedia("(forced-colors: active)").matches
    ? systemColour
    : getComputedStyle(document.documentElement).getPropertyValue(token).trim() || systemColour;

/** What is drawn, as uPlot takes it: places on the one axis and heights. Of a stack the highest is drawn first, behind the others. */
const drawn = ({ shape, points, series }: ChartData): UPlot.AlignedData => {
  const heights = shape === "stacked" ? stackedValues(series).reverse() : series.map(({ values }) => values);
  return [points.map((_, index) => index), ...heights.map((values) => [...values])];
};

const pathsOf = ({ shape, series }: ChartData, index: number) => {
  const { bars } = UPlot.paths;
  if (shape === "line" || bars === undefined) return undefined;
  if (shape === "stacked") return bars({ size: [0.8, 64] });
  // Two stand left and right of their place; one alone stands on it.
  return series.length === 1
    ? bars({ size: [0.8, 64] })
    : bars({ size: [0.4, 40], align: index === 0 ? -1 : 1 });
};

const seriesOf = (data: ChartData): UPlot.Series[] => {
  const order = data.shape === "stacked" ? data.series.toReversed() : data.series;
  return order.map(({ word, colour }, index): UPlot.Series => {
    const paths = pathsOf(data, index);
    const isLine = paths === undefined;
    return {
      label: word,
      stroke: () => colourOf(colour),
      width: isLine ? 3 : 0,
      points: isLine ? { size: 8, fill: () => colourOf(colour) } : { show: false },
      ...(isLine ? {} : { fill: () => colourOf(colour), paths }),
    };
  });
};

export type Plot = {
  /** Shows other values. Of as many series and points, or the chart is made anew. */
  readonly show: (data: ChartData) => void;
  /** Puts the mark at a point, or takes it away. */
  readonly mark: (index: number | undefined) => void;
  readonly close: () => void;
};

/**
 * Draws a chart into an element and keeps it as large as that is and in the colours of the theme.
 *
 * `pointed` hears which point the pointer is at; undefined when it has left.
 */
export const openPlot = (
  home: HTMLElement,
  first: ChartData,
  pointed: (index: number | undefined) => void,
): Plot => {
  let data = first;
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const font = `${fontRem * rem}px ${family}`;
  const axis = { stroke: () => colourOf("--soft"), font, ticks: { show: false } };
  const size = () => ({ width: Math.max(1, home.clientWidth), height: Math.max(1, home.clientHeight) });
  const plot = new UPlot(
    {
      ...size(),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      padding: [10, 24, 0, 0],
      scales: {
        x: { time: false, range: () => [-0.5, Math.max(0.5, data.points.length - 0.5)] },
        y: { range: () => [0, data.top ?? niceTop(highest(data))] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 1.7 * rem,
          splits: ({ width }) => shownPoints(data.points.length, Math.floor(width / (wordRem * rem))),
          values: (_, places) => places.map((place) => data.points[place] ?? ""),
        },
        {
          ...axis,
          grid: { stroke: () => colourOf("--line"), width: 1 },
          size: 3.5 * rem,
          splits: () => [0, 0.5, 1].map((share) => share * (data.top ?? niceTop(highest(data)))),
          values: (_, values) => values.map((value) => data.text(value)),
        },
      ],
      series: [{}, ...seriesOf(data)],
      hooks: { setCursor: [({ cursor }) => pointed(cursor.idx ?? undefined)] },
    },
    drawn(data),
    home,
  );
  const dressing = new MutationObserver(() => plot.redraw(false, true));
  dressing.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const sizing = new ResizeObserver(() => plot.setSize(size()));
  sizing.observe(home);
  return {
    show: (next) => {
      data = next;
      plot.setData(drawn(next));
    },
    mark: (index) => {
      const left = index === undefined ? -10 : plot.valToPos(index, "x");
      plot.setCursor({ left, top: index === undefined ? -10 : 0 }, false);
    },
    close: () => {
      dressing.disconnect();
      sizing.disconnect();
      plot.destroy();
    },
  };
};
