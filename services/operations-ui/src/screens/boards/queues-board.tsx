import type { Photo, QueuedItem, ServiceQueue } from "@tagwire/messages";
import { useEffect, useState } from "react";
import { fetchServicePhotos } from "../../api/photos.ts";
import { Chart } from "../../chart/chart.tsx";
import type { ChartData } from "../../chart/chart-data.ts";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { useSite } from "../../site-context.ts";
import { photoAddress } from "../../words/photo-address.ts";
import { workWords } from "../../words/statuses.ts";
import { countText, instantText } from "../../words/time.ts";
import { queueAges } from "./board-charts.ts";
import { bySince } from "./board-rows.ts";
import { BoardTable, type Column, Figures } from "./board-table.tsx";
import { useRows } from "./rows-of.ts";
import { useMinute } from "./site-time.ts";
import { TagLink } from "./tag-link.tsx";

const queues: readonly ServiceQueue[] = ["inspect", "repair", "wash", "wet"];

const Thumbs = ({ photos }: { photos: readonly Photo[] }) => {
  const { id, timeZone } = useSite();
  const [newest] = photos;
  if (newest === undefined) return "–";
  const address = photoAddress(id, newest.sha256);
  return (
    <a href={address} target="_blank" rel="noreferrer" className="inline-flex items-center gap-2 py-1">
      <img
        src={address}
        alt={`Taken ${instantText(newest.at, timeZone)}`}
        loading="lazy"
        className="h-10 rounded-sm"
      />
      {photos.length > 1 && `+${photos.length - 1}`}
    </a>
  );
};

type Photos = ReadonlyMap<string, readonly Photo[]>;

/** Photos of what waits, read again whenever something else waits. */
const useServicePhotos = (site: string, rows: readonly QueuedItem[]): Photos => {
  const [photos, setPhotos] = useState<Photos>(new Map());
  const news = rows.map(({ tag, since }) => `${tag} ${since}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what waits is the reason to read
  useEffect(() => {
    const leave = new AbortController();
    void fetchServicePhotos(site, leave.signal).then((found) => {
      if (!leave.signal.aborted) setPhotos(Map.groupBy(found, ({ tag }) => tag));
    });
    return () => leave.abort();
  }, [site, news]);
  return photos;
};

const columnsWith = (photos: Photos): readonly Column<QueuedItem>[] => [
  ...columns,
  { word: "Photos", cell: ({ tag }) => <Thumbs photos={photos.get(tag) ?? []} />, isWide: true },
];

const columns: readonly Column<QueuedItem>[] = [
  { word: "Tag", cell: ({ tag }) => <TagLink tag={tag} /> },
  { word: "Class", cell: (row) => row.className ?? row.class },
  { word: "Waits for", cell: ({ queue }) => workWords[queue] },
  { word: "Crew", cell: ({ crew }) => crew, isWide: true },
  { word: "Place", cell: ({ place }) => place ?? "–", isWide: true },
  { word: "Since", cell: ({ since }) => <Age at={since} />, isNumber: true },
];

/** What waits in service, that which waits longest first. */
export const QueuesBoard = () => {
  const { id } = useSite();
  const snapshot = useView(id, "queues");
  const rows = useRows<QueuedItem, QueuedItem[]>(snapshot, bySince, []);
  const photos = useServicePhotos(id, rows);
  const nowMs = useMinute();
  const chart = useRows<QueuedItem, ChartData>(snapshot, (all) => queueAges(all, queues, nowMs), [nowMs]);
  return (
    <BoardTable
      {...{ title: "Service", snapshot, columns: columnsWith(photos), rows }}
      keyOf={({ tag }) => tag}
      nothing="Nothing waits in service."
      chart={rows.length > 0 && <Chart title="How long they have waited" of="For" data={chart} />}
    >
      <Figures
        of={queues.map((queue) => {
          const own = rows.filter((row) => row.queue === queue);
          return {
            word: workWords[queue],
            value: countText(own.length),
            note:
              own[0] === undefined ? (
                "–"
              ) : (
                <>
                  oldest <Age at={own[0].since} />
                </>
              ),
          };
        })}
      />
    </BoardTable>
  );
};
