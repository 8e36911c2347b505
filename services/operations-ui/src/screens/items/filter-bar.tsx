import { Search, X } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { go, useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { groupOf, groups, groupWords, statuses, statusWords } from "../../words/statuses.ts";
import { type Facets, filterOf, orders } from "./item-rows.ts";
import { viewKey } from "./saved-views.ts";

type Props = { facets: Facets };

/** Filters and order. They live in the address, so a filtered list can be sent to somebody. */
export const FilterBar = ({ facets }: Props) => {
  const site = useSite();
  const { query, tag } = useRoute();
  const filter = filterOf(query);

  const set = (changes: Record<string, string | undefined>): void => {
    const next = new URLSearchParams(query);
    // What is narrowed further is no longer what the name stands for.
    next.delete(viewKey);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === "") next.delete(name);
      else next.set(name, value);
    }
    go({ site: site.id, screen: "items", tag, query: next }, "replace");
  };

  const state = filter.status ? `status:${filter.status}` : filter.group ? `group:${filter.group}` : "";
  const isNarrowed =
    state !== "" || filter.class !== undefined || filter.place !== undefined || filter.text !== "";
  return (
    <search className="grid grid-cols-2 gap-2 md:grid-cols-4 2xl:grid-cols-[minmax(12rem,1.6fr)_1fr_1fr_1fr_1fr_auto]">
      <div className={`relative col-span-2 2xl:col-span-1 ${isNarrowed ? "md:col-span-3" : "md:col-span-4"}`}>
        <Search aria-hidden="true" className="pointer-events-none absolute top-3.5 left-3 size-5 text-soft" />
        <SearchField value={filter.text} onSettled={(text) => set({ q: text })} />
      </div>
      <SelectField
        label="Status"
        hideLabel
        value={state}
        onChange={(event) => {
          const [kind, value] = event.target.value.split(":");
          set({ group: kind === "group" ? value : undefined, status: kind === "status" ? value : undefined });
        }}
      >
        <option value="">Every status</option>
        {groups.map((group) => (
          <optgroup key={group} label={groupWords[group].word}>
            <option value={`group:${group}`}>{groupWords[group].word}: all</option>
            {statuses
              .filter((status) => groupOf[status] === group)
              .map((status) => (
                <option key={status} value={`status:${status}`}>
                  {statusWords[status].word}
                </option>
              ))}
          </optgroup>
        ))}
      </SelectField>
      <FacetSelect
        label="Class"
        every="Every class"
        value={filter.class}
        values={facets.classes}
        onChange={(value) => set({ class: value })}
      />
      <FacetSelect
        label="Place"
        every="Every place"
        value={filter.place}
        values={facets.places}
        onChange={(value) => set({ place: value })}
      />
      <SelectField
        label="Order"
        hideLabel
        value={filter.order}
        onChange={(event) => set({ sort: event.target.value })}
      >
        {Object.entries(orders).map(([order, word]) => (
          <option key={order} value={order}>
            {word}
          </option>
        ))}
      </SelectField>
      {isNarrowed && (
        <Button
          kind="quiet"
          className="col-span-2 md:col-span-1 md:col-start-4 md:row-start-1 2xl:col-start-auto 2xl:row-start-auto"
          onClick={() =>
            set({ q: undefined, group: undefined, status: undefined, class: undefined, place: undefined })
          }
        >
          <X aria-hidden="true" className="size-4" />
          Clear
        </Button>
      )}
    </search>
  );
};

/** Browsers count how often an address changes and refuse when it is too often: it follows the typing at this distance. */
const settledMs = 250;

const SearchField = ({ value, onSettled }: { value: string; onSettled: (text: string) => void }) => {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    setKnown(value);
    setText(value);
  }
  const settled = useEffectEvent(onSettled);
  useEffect(() => {
    if (text === known) return;
    const timer = setTimeout(() => {
      // Known before the address changes: what was typed meanwhile must not be overwritten by what was typed before.
      setKnown(text);
      settled(text);
    }, settledMs);
    return () => clearTimeout(timer);
  }, [text, known]);
  return (
    <TextField
      label="Search tag, class, name, place or contract"
      hideLabel
      type="search"
      placeholder="Search"
      className="pl-10"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
};

type FacetProps = {
  label: string;
  every: string;
  value: string | undefined;
  values: readonly string[];
  onChange: (value: string | undefined) => void;
};

const FacetSelect = ({ label, every, value, values, onChange }: FacetProps) => (
  <SelectField label={label} hideLabel value={value ?? ""} onChange={(event) => onChange(event.target.value)}>
    <option value="">{every}</option>
    {value !== undefined && !values.includes(value) && <option value={value}>{value}</option>}
    {values.map((each) => (
      <option key={each} value={each}>
        {each}
      </option>
    ))}
  </SelectField>
);
