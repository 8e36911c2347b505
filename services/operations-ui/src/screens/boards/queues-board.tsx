import type { QueuedItem, ServiceQueue } from "@tagwire/messages";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { useSite } from "../../site-context.ts";
import { workWords } from "../../words/statuses.ts";
import { countText } from "../../words/time.ts";
import { bySince } from "./board-rows.ts";
import { BoardTable, type Column, Figures } from "./board-table.tsx";
import { useRows } from "./rows-of.ts";
import { TagLink } from "./tag-link.tsx";

const queues: readonly ServiceQueue[] = ["inspect", "repair", "wash", "wet"];

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
  const snapshot = useView(useSite().id, "queues");
  const rows = useRows<QueuedItem, QueuedItem[]>(snapshot, bySince, []);
  return (
    <BoardTable
      {...{ title: "Service", snapshot, columns, rows }}
      keyOf={({ tag }) => tag}
      nothing="Nothing waits in service."
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
