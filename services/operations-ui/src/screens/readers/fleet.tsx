import type { Reader } from "@tagwire/messages";
import { useState } from "react";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Button } from "../../look/button.tsx";
import { go } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { faultText, phaseWords, rateText, whereText } from "../../words/readers.ts";
import { BoardTable, type Column } from "../boards/board-table.tsx";
import { useRows } from "../boards/rows-of.ts";
import { PlaceLink } from "../place-link.tsx";
import { AddReader } from "./add-reader.tsx";

const byName = (rows: readonly Reader[]): Reader[] => rows.toSorted((a, b) => a.id.localeCompare(b.id));

const ReaderLink = ({ id }: { id: string }) => {
  const where = {
    site: useSite().id,
    screen: "readers",
    query: new URLSearchParams({ reader: id }),
  } as const;
  return (
    <PlaceLink
      place={where}
      className="hit inline-flex items-center font-mono font-semibold break-all hover:underline"
    >
      {id}
    </PlaceLink>
  );
};

const PhaseBadge = ({ status }: Pick<Reader, "status">) => {
  const { word, icon, tone } = phaseWords[status];
  return <Badge {...{ word, icon, tone }} />;
};

const LastFault = ({ fault, faults = [] }: Pick<Reader, "fault" | "faults">) => {
  const last = faults[0];
  if (fault !== null) return <span className="font-semibold text-missing">{faultText(fault)}</span>;
  if (last === undefined) return "–";
  return (
    <span className="text-soft">
      {faultText(last)} · <Age at={last.at} />
    </span>
  );
};

/** A reader by its name; on a phone, which has no room for a column of it, with what is wrong now. */
const Named = ({ reader: { id, fault } }: { reader: Reader }) => (
  <span className="grid">
    <ReaderLink id={id} />
    {fault !== null && (
      <span className="pb-1 text-xs font-semibold text-missing sm:hidden">{faultText(fault)}</span>
    )}
  </span>
);

const columns: readonly Column<Reader>[] = [
  { word: "Reader", cell: (reader) => <Named reader={reader} /> },
  { word: "Status", cell: ({ status }) => <PhaseBadge status={status} /> },
  { word: "Reads/s", cell: ({ rate }) => rateText(rate), isNumber: true },
  { word: "Where", cell: whereText, isWide: true },
  {
    word: "Last read",
    cell: ({ lastReadAt }) => (lastReadAt == null ? "–" : <Age at={lastReadAt} />),
    isNumber: true,
    isWide: true,
  },
  { word: "Last fault", cell: LastFault, isWide: true },
];

/** Every reader of the site, as it is at this moment. */
export const Fleet = () => {
  const snapshot = useView(useSite().id, "readers");
  const rows = useRows<Reader, Reader[]>(snapshot, byName, []);
  const [adds, setAdds] = useState(false);
  const site = useSite();
  return (
    <BoardTable
      {...{ title: "Readers", snapshot, columns, rows }}
      keyOf={({ id }) => id}
      aside={
        <Button kind="quiet" className="-mr-2" aria-expanded={adds} onClick={() => setAdds(!adds)}>
          {adds ? "Not now" : "Add a reader"}
        </Button>
      }
      nothing="No readers here. Add the first, or take in a file of settings. Hand scanners and this page work without one."
    >
      {adds && (
        <AddReader
          onAdded={(reader) =>
            go({ site: site.id, screen: "readers", query: new URLSearchParams({ reader }) })
          }
        />
      )}
    </BoardTable>
  );
};
