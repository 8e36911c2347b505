import type { Item } from "@tagwire/messages";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useId, useRef, useState } from "react";
import { narrow, useMedia } from "../../look/use-media.ts";
import { ItemRow, rowGrid } from "./item-row.tsx";

const rowHeight = { wide: 52, narrow: 84 };
const overscanRows = 8;
/** Scrolled further than this and the order is held still. */
const scrolledPx = 8;

type Props = {
  items: readonly Item[];
  marks: ReadonlyMap<string, number>;
  /** The tags that are chosen; undefined where nobody chooses, and a press opens. */
  chosen: ReadonlySet<string> | undefined;
  onOpen: (tag: string) => void;
  onChoose: (tag: string) => void;
  onScrolled: (isDown: boolean) => void;
  toTop: RefObject<(() => void) | null>;
};

/**
 * The list itself: only the rows in sight exist. One tab stop; arrows, Page, Home and End move, Enter opens, and
 * where several are chosen Space and a press choose. The list keeps the focus and names the active row, since rows come and go under it.
 */
export const ItemList = ({ items, marks, chosen, onOpen, onChoose, onScrolled, toTop }: Props) => {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const isChoosing = chosen !== undefined;
  const isNarrow = useMedia(narrow);
  const [activeTag, setActiveTag] = useState<string>();
  const found = activeTag === undefined ? -1 : items.findIndex((item) => item.tag === activeTag);
  const active = found === -1 ? 0 : found;
  const height = isNarrow ? rowHeight.narrow : rowHeight.wide;

  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => items[index]?.tag ?? index,
    overscan: overscanRows,
    rangeExtractor: useCallback(
      (range: Range) => [...new Set([...defaultRangeExtractor(range), active])].sort((a, b) => a - b),
      [active],
    ),
  });
  useEffect(() => {
    if (height > 0) virtualizer.measure();
  }, [height, virtualizer]);
  useEffect(() => {
    toTop.current = () => virtualizer.scrollToIndex(0);
  }, [toTop, virtualizer]);

  const moveTo = (index: number): void => {
    const bounded = Math.max(0, Math.min(items.length - 1, index));
    setActiveTag(items[bounded]?.tag);
    virtualizer.scrollToIndex(bounded);
  };
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? height * 10) / height) - 1);
  const moves: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: items.length - 1,
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = moves[event.key];
    const tag = items[active]?.tag;
    if (target !== undefined) moveTo(target);
    else if (event.key === " " && isChoosing && tag !== undefined) onChoose(tag);
    else if (event.key === "Enter" && tag !== undefined) onOpen(tag);
    else return;
    event.preventDefault();
  };
  const select = useCallback(
    (tag: string): void => {
      setActiveTag(tag);
      if (isChoosing) onChoose(tag);
      else onOpen(tag);
    },
    [isChoosing, onOpen, onChoose],
  );

  return (
    <>
      <div
        aria-hidden="true"
        className={`hidden border-b border-line bg-sunken px-4 py-2 md:grid ${isChoosing ? "pl-14" : ""} ${rowGrid}`}
      >
        {["Tag", "Class", "Status", "Place", "Contract", "Last scan"].map((word) => (
          <span key={word} className="caption">
            {word}
          </span>
        ))}
      </div>
      <div
        ref={scroller}
        role="listbox"
        tabIndex={0}
        aria-label="Items"
        aria-multiselectable={isChoosing ? true : undefined}
        aria-activedescendant={`${id}-${active}`}
        className="group min-h-0 grow overflow-y-auto -outline-offset-3!"
        onKeyDown={onKeyDown}
        onScroll={(event) => onScrolled(event.currentTarget.scrollTop > scrolledPx)}
      >
        <div role="presentation" className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start, size }) => {
            const item = items[index];
            return item === undefined ? null : (
              <ItemRow
                key={key}
                id={`${id}-${index}`}
                item={item}
                index={index}
                count={items.length}
                start={start}
                height={size}
                active={index === active}
                chosen={chosen?.has(item.tag)}
                changedAtMs={marks.get(item.tag)}
                onOpen={select}
              />
            );
          })}
        </div>
      </div>
    </>
  );
};
