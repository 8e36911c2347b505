import { ArrowUp } from "lucide-react";
import { lazy, Suspense, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { isDoubtful } from "../../live/freshness.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { AsOf } from "../../look/as-of.tsx";
import { Button } from "../../look/button.tsx";
import { Waiting } from "../../look/panel.tsx";
import { go, useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { countOf, countText } from "../../words/time.ts";
import { fetchPart } from "../late-part.ts";
import { FileActs, type ListAct } from "./file-acts.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { ItemList } from "./item-list.tsx";
import { chooseItems, facetsOf, filterOf, inStillOrder, type StillOrder, stillOrder } from "./item-rows.ts";
import { useRecentChanges } from "./recent-changes.ts";
import { viewKey } from "./saved-views.ts";
import { itemsOf, useChoice } from "./use-choice.ts";

const BulkPanel = lazy(async () => ({
  default: (await fetchPart(() => import("./bulk-panel.tsx"))).BulkPanel,
}));
const ViewsPanel = lazy(async () => ({
  default: (await fetchPart(() => import("./views-panel.tsx"))).ViewsPanel,
}));
const ImportPanel = lazy(async () => ({
  default: (await fetchPart(() => import("./import-panel.tsx"))).ImportPanel,
}));

const PastClass = lazy(async () => ({
  default: (await fetchPart(() => import("../past/past-class.tsx"))).PastClass,
}));

/** A class has a past, which is shown to whoever asks for it: the list below is of now. */
const PastOfClass = ({ name }: { name: string }) => {
  const [isOpen, setOpen] = useState(false);
  return isOpen ? (
    <PastClass name={name} />
  ) : (
    <Button kind="quiet" className="justify-self-start self-start" onClick={() => setOpen(true)}>
      {name} in the past…
    </Button>
  );
};

/** Every item of the site, moving by itself. */
export const ItemsScreen = () => {
  const site = useSite();
  const { query } = useRoute();
  const snapshot = useView(site.id, "items");
  const fresh = useFreshness(snapshot);
  const queryText = query.toString();
  const filter = useDeferredValue(useMemo(() => filterOf(new URLSearchParams(queryText)), [queryText]));
  const items = useMemo(() => chooseItems(snapshot.rows, filter), [snapshot, filter]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map is the same object; its size tells when it grew
  const facets = useMemo(
    () => facetsOf(snapshot.rows),
    [snapshot.rows, snapshot.rows.size, snapshot.snapshots],
  );
  const marks = useRecentChanges(snapshot, filter.order === "newest" ? items : []);
  const [act, setAct] = useState<ListAct>();
  const choice = useChoice();
  const [still, setStill] = useState<StillOrder>();
  const toTop = useRef<() => void>(null);

  /* Whoever has scrolled down is reading, and whoever chooses is about to press: rows keep their places, only what stands in them moves. */
  const isChoosing = act === "choose";
  const { shown, newer } = useMemo(() => inStillOrder(items, filter, still), [items, filter, still]);
  const onScrolled = (isDown: boolean): void =>
    setStill((before) => (isDown || isChoosing ? stillOrder(items, filter, before) : undefined));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the order is held as it was when choosing began
  useEffect(() => {
    if (isChoosing) setStill((before) => stillOrder(items, filter, before));
  }, [isChoosing, filter]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice of items is read from its beginning
  useEffect(() => toTop.current?.(), [filter]);
  // The same function as long as the address is the same: with a new one at each change no row would stay as it is.
  const open = useCallback(
    (tag: string) => go({ site: site.id, screen: "items", tag, query: new URLSearchParams(queryText) }),
    [site.id, queryText],
  );

  const openAct = (next: ListAct | undefined): void => {
    if (next !== "choose") choice.clear();
    setAct(next);
  };
  const leaveAct = (): void => openAct(undefined);
  const chosenItems = itemsOf(snapshot.rows, choice.tags);
  const viewName = query.get(viewKey);
  const total = snapshot.rows.size;
  const doubtful = isDoubtful(fresh);
  return (
    <div className="flex h-full min-h-0 flex-col gap-3 p-3 sm:p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="text-lg font-semibold tracking-tight">Items</h2>
        {viewName !== null && <span className="font-semibold break-words text-accent">{viewName}</span>}
        {snapshot.whole && (
          <p role="status" className="text-sm text-soft tabular-nums">
            {items.length === total
              ? countOf(total, "item")
              : `${countText(items.length)} of ${countOf(total, "item")}`}
          </p>
        )}
        <AsOf fresh={fresh} />
        <FileActs {...{ filter, open: act }} onOpen={openAct} />
      </div>
      {act !== undefined && (
        <Suspense fallback={<Waiting>One moment…</Waiting>}>
          {act === "import" && <ImportPanel onLeave={leaveAct} />}
          {act === "views" && <ViewsPanel onLeave={leaveAct} />}
          {isChoosing && (
            <BulkPanel
              chosen={chosenItems}
              hidden={chosenItems.length - items.filter(({ tag }) => choice.tags.has(tag)).length}
              shown={items.length}
              onAll={() => choice.chooseAll(items)}
              onNone={choice.clear}
              onLeave={leaveAct}
            />
          )}
        </Suspense>
      )}
      <FilterBar facets={facets} />
      {filter.class !== undefined && (
        <Suspense fallback={null}>
          <PastOfClass key={filter.class} name={filter.class} />
        </Suspense>
      )}
      <div
        className={`panel relative flex min-h-0 grow flex-col overflow-hidden ${doubtful ? "doubtful" : ""}`}
      >
        {!snapshot.whole ? (
          <Waiting>{snapshot.fault?.message ?? "Loading every item of this site…"}</Waiting>
        ) : total === 0 ? (
          <Waiting>
            No items yet. Import a file of them, or put tags into stock through the API (POST /api/v1/sites/
            {site.id}/items); they appear here at once.
          </Waiting>
        ) : items.length === 0 ? (
          <div className="grid grow place-content-center justify-items-center gap-4 p-6 text-center">
            <p className="text-soft">No item matches these filters.</p>
            <Button onClick={() => go({ site: site.id, screen: "items" }, "replace")}>Clear filters</Button>
          </div>
        ) : (
          <ItemList
            {...{ items: shown, marks, onScrolled, toTop }}
            chosen={isChoosing ? choice.tags : undefined}
            onOpen={open}
            onChoose={choice.toggle}
          />
        )}
        {newer > 0 && !isChoosing && (
          <Button
            kind="primary"
            className="absolute top-12 left-1/2 -translate-x-1/2 rounded-full! shadow-lg"
            onClick={() => {
              setStill(undefined);
              toTop.current?.();
            }}
          >
            <ArrowUp aria-hidden="true" className="size-4" />
            {countOf(newer, "newer change")}
          </Button>
        )}
      </div>
    </div>
  );
};
