import { Bookmark, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../../look/button.tsx";
import { CopyText } from "../../look/copy.tsx";
import { TextField } from "../../look/field.tsx";
import { Panel } from "../../look/panel.tsx";
import { type Place, routeText, useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { PlaceLink } from "../place-link.tsx";
import {
  addressQuery,
  readViews,
  type SavedView,
  savedViewsMax,
  storeViews,
  viewKey,
  viewNameMax,
  viewQuery,
  withView,
} from "./saved-views.ts";

/** Filters under names: kept on this device, and sent to others as links. */
export const ViewsPanel = ({ onLeave }: { onLeave: () => void }) => {
  const site = useSite();
  const { query } = useRoute();
  const [views, setViews] = useState(() => readViews(site.id));
  const keep = (next: readonly SavedView[]): void => {
    setViews(next);
    storeViews(site.id, next);
  };
  const shown = viewQuery(query);
  const placeOf = (view: SavedView): Place => ({
    ...{ site: site.id, screen: "items", query: addressQuery(view) },
  });
  return (
    <Panel
      title="Saved views"
      aside={
        <Button kind="quiet" className="-mr-3" onClick={onLeave}>
          Close
        </Button>
      }
    >
      {views.length === 0 ? (
        <p className="px-4 pb-3 text-sm text-soft sm:px-5">
          None yet. Choose filters and an order below, and give what is shown a name.
        </p>
      ) : (
        <ul className="max-h-[30dvh] overflow-y-auto">
          {views.map((view) => (
            <li
              key={view.name}
              aria-label={view.name}
              className="flex flex-wrap items-center gap-x-3 border-t border-line px-4 py-1 sm:px-5"
            >
              <PlaceLink
                place={placeOf(view)}
                aria-current={view.query === shown ? "true" : undefined}
                className="hit inline-flex min-w-0 grow items-center gap-2 text-sm font-semibold break-words hover:underline aria-[current=true]:text-accent"
              >
                <Bookmark aria-hidden="true" className="size-4 shrink-0" />
                {view.name}
              </PlaceLink>
              <CopyText
                value={`${location.origin}/${routeText(placeOf(view))}`}
                short="Link"
                label={`the link of ${view.name}`}
              />
              <Button
                kind="quiet"
                className="px-3!"
                aria-label={`Remove ${view.name}`}
                onClick={() => keep(views.filter(({ name }) => name !== view.name))}
              >
                <Trash2 aria-hidden="true" className="size-4" />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <SaveForm
        key={query.get(viewKey)}
        suggested={query.get(viewKey) ?? ""}
        isFull={views.length >= savedViewsMax}
        onSave={(name) => keep(withView(views, { name, query: shown }))}
      />
    </Panel>
  );
};

type SaveProps = { suggested: string; isFull: boolean; onSave: (name: string) => void };

const SaveForm = ({ suggested, isFull, onSave }: SaveProps) => {
  const [name, setName] = useState(suggested);
  const [wrong, setWrong] = useState<string>();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() === "") return setWrong("Give it a name.");
    if (isFull) return setWrong("Remove one first: a longer list nobody reads.");
    setWrong(undefined);
    onSave(name.trim());
  };
  return (
    <form
      aria-label="Save what is shown"
      noValidate
      className="flex flex-wrap items-start gap-2 border-t border-line px-4 py-3 sm:px-5"
      onSubmit={save}
    >
      <div className="min-w-48 grow sm:max-w-96">
        <TextField
          label="Name for what is shown"
          maxLength={viewNameMax}
          value={name}
          error={wrong}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <Button type="submit" className="mt-6">
        Save it
      </Button>
    </form>
  );
};
