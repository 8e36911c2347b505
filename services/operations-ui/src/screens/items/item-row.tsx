import type { Item } from "@tagwire/messages";
import { Square, SquareCheck } from "lucide-react";
import { memo } from "react";
import { Age } from "../../look/age.tsx";
import { StatusBadge } from "../../look/badge.tsx";
import { TagText } from "../../look/tag-text.tsx";
import { byText } from "../../words/by.ts";
import { isScanType, scanTypeWords } from "../../words/scans.ts";

/** The columns, the same for the heading and each row. */
export const rowGrid =
  "md:grid-cols-[minmax(11rem,1fr)_minmax(6.5rem,3fr)_8rem_minmax(4rem,0.6fr)_minmax(5rem,0.6fr)_minmax(8.25rem,0.8fr)] md:gap-x-3";

type Props = {
  id: string;
  item: Item;
  index: number;
  count: number;
  start: number;
  height: number;
  active: boolean;
  /** Whether it is among those that are chosen; undefined where nobody chooses. */
  chosen: boolean | undefined;
  changedAtMs: number | undefined;
  onOpen: (tag: string) => void;
};

/** One item. Plain elements and memoised: at 200 changes a second only the rows that changed are rendered. */
export const ItemRow = memo(
  ({ id, item, index, count, start, height, active, chosen, changedAtMs, onOpen }: Props) => (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it hears the keys for its active row
    // biome-ignore lint/a11y/useFocusableInteractive: the list keeps the focus and names its active row
    <div
      id={id}
      role="option"
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-selected={chosen ?? active}
      data-active={active}
      onClick={() => onOpen(item.tag)}
      style={{ transform: `translateY(${start}px)`, height }}
      className={`absolute inset-x-0 top-0 grid cursor-pointer grid-cols-[1fr_auto] content-center items-center gap-x-3 border-b border-line px-4 text-sm hover:bg-sunken ${chosen === undefined ? "" : chosen ? "bg-raised pl-14" : "pl-14"} ${rowGrid} ${active ? "group-focus-visible:z-10 group-focus-visible:outline-3 group-focus-visible:-outline-offset-3 group-focus-visible:outline-focus" : ""}`}
    >
      {changedAtMs !== undefined && (
        <span
          key={changedAtMs}
          aria-hidden="true"
          className="flash pointer-events-none absolute inset-0 -z-10"
        />
      )}
      {chosen !== undefined && <ChosenMark isChosen={chosen} />}
      <TagText tag={item.tag} />
      <span
        title={item.class}
        className="order-3 col-span-2 truncate md:order-none md:col-span-1 md:line-clamp-2 md:leading-tight md:whitespace-normal"
      >
        {item.class}
        {item.name && <span className="text-soft"> · {item.name}</span>}
      </span>
      <span className="justify-self-end md:justify-self-start">
        <StatusBadge status={item.status} />
      </span>
      <span className="order-4 hidden truncate md:order-none md:block">
        {item.place ?? <span className="text-soft">–</span>}
      </span>
      <span className="hidden truncate tabular-nums md:block">
        {item.contract ?? <span className="text-soft">–</span>}
      </span>
      <span className="order-5 col-span-2 truncate text-soft md:order-none md:col-span-1">
        <LastScan item={item} />
      </span>
    </div>
  ),
);

const ChosenMark = ({ isChosen }: { isChosen: boolean }) => {
  const Icon = isChosen ? SquareCheck : Square;
  return <Icon aria-hidden="true" className="absolute top-1/2 left-4 size-6 -translate-y-1/2" />;
};

const LastScan = ({ item }: { item: Item }) => {
  if (item.lastScan === null) return <>never scanned</>;
  const { type, scannedAt, by } = item.lastScan;
  return (
    <>
      {isScanType(type) ? scanTypeWords[type].word : type} <Age at={scannedAt} />
      <span className="md:hidden"> · {item.place ?? byText(by)}</span>
    </>
  );
};
