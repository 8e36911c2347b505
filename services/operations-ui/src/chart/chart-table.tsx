import type { ChartData } from "./chart-data.ts";

/** The figures of a chart as a table. */
export const ChartTable = ({ title, of, data }: { title: string; of: string; data: ChartData }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
  <section aria-label={`${title}, as a table`} tabIndex={0} className="max-h-72 overflow-y-auto">
    <table className="w-full text-right text-sm tabular-nums">
      <thead className="sticky top-0 bg-panel text-soft">
        <tr>
          <th scope="col" className="py-1 text-left font-semibold">
            {of}
          </th>
          {data.series.map(({ word }) => (
            <th key={word} scope="col" className="px-2 font-semibold">
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.points.map((point, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a point is its place; two of them may have the same name
          <tr key={index} className="border-t border-line">
            <th scope="row" className="py-1 text-left font-normal">
              {point}
            </th>
            {data.series.map(({ word, values }) => {
              const value = values[index];
              return (
                <td key={word} className="px-2">
                  {value == null ? "–" : data.text(value)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
