import type { ClassDay } from "@tagwire/messages";
import { Chart } from "../../chart/chart.tsx";
import type { ChartData } from "../../chart/chart-data.ts";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";
import { calendarDayText, countText } from "../../words/time.ts";
import { usedByDay } from "./board-charts.ts";
import { type UsedClass, usedClasses } from "./board-rows.ts";
import { BoardTable, type Column, Figures } from "./board-table.tsx";
import { useClassNames } from "./class-names.ts";
import { useRows } from "./rows-of.ts";
import { daysAfter, siteDay, useMinute } from "./site-time.ts";

/** How many days utilisation is of, today included. */
const windowDays = 30;

const shareText = (share: number | null): string => (share === null ? "–" : `${(share * 100).toFixed(1)} %`);

/** The share of item-days on contract, class by class. The days come live; the window moves on here, at the site's midnight. */
export const UtilisationBoard = () => {
  const site = useSite();
  const to = siteDay(useMinute(), site.timeZone);
  const classNameOf = useClassNames();
  const snapshot = useView(site.id, "utilisation");
  const { rows, all } = useRows<ClassDay, ReturnType<typeof usedClasses>>(
    snapshot,
    (days) => usedClasses(days, { from: daysAfter(to, 1 - windowDays), to }),
    [to],
  );
  const chart = useRows<ClassDay, ChartData>(
    snapshot,
    (days) => usedByDay(days, { from: daysAfter(to, 1 - windowDays), to }),
    [to],
  );
  const columns: readonly Column<UsedClass>[] = [
    { word: "Class", cell: (row) => classNameOf(row.class) },
    { word: "Used", cell: ({ share }) => shareText(share), isNumber: true },
    { word: "Item-days", cell: ({ itemDays }) => countText(itemDays), isNumber: true, isWide: true },
    { word: "Out", cell: ({ outDays }) => countText(outDays), isNumber: true },
    { word: "At hand", cell: ({ readyDays }) => countText(readyDays), isNumber: true, isWide: true },
    { word: "Service", cell: ({ inServiceDays }) => countText(inServiceDays), isNumber: true, isWide: true },
    { word: "Missing", cell: ({ missingDays }) => countText(missingDays), isNumber: true, isWide: true },
  ];
  return (
    <BoardTable
      {...{ title: `Utilisation, ${windowDays} days to ${calendarDayText(to)}`, snapshot, columns, rows }}
      keyOf={(row) => row.class}
      nothing="No class had items on these days."
      chart={rows.length > 0 && <Chart title="On contract at the end of each day" of="Day" data={chart} />}
    >
      <Figures
        of={[
          { word: "Used", value: shareText(all.share), note: "item-days on contract" },
          { word: "Item-days", value: countText(all.itemDays) },
        ]}
      />
    </BoardTable>
  );
};
