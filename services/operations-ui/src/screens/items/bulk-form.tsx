import { type Item, manualStatuses } from "@tagwire/messages";
import { useState } from "react";
import type { ItemChange } from "../../api/items.ts";
import { SelectField, TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import { statusWord } from "../../words/statuses.ts";
import { soughtMax, soughtQuery } from "../find/sought.ts";
import { WayLink } from "../place-link.tsx";
import { BulkPreview } from "./bulk-preview.tsx";

type Props = { chosen: readonly Item[]; onMean: (items: readonly Item[], change: ItemChange) => void };

/** What is to be done; undefined as long as it is not said. */
const changeOf = (act: string, place: string): ItemChange | undefined => {
  if (act === "no_place") return { place: null };
  if (act !== "place") return { status: act };
  return place.trim() === "" ? undefined : { place: place.trim() };
};

/** What can be done with several things, and what that would do to those that are chosen. */
export const BulkForm = ({ chosen, onMean }: Props) => {
  const site = useSite();
  const [act, setAct] = useState("place");
  const [place, setPlace] = useState("");
  const change = changeOf(act, place);
  const query = soughtQuery(chosen.map(({ tag }) => tag));
  return (
    <div className="grid max-h-[50dvh] gap-3 overflow-y-auto pb-2">
      <div className="grid items-start gap-3 sm:grid-cols-2 lg:max-w-3xl">
        <SelectField label="What to do" value={act} onChange={(event) => setAct(event.target.value)}>
          <option value="place">Set the place</option>
          <option value="no_place">Take the place away</option>
          {manualStatuses.map((status) => (
            <option key={status} value={status}>
              {status === "retired" ? "Retire" : `Set the status: ${statusWord(status)}`}
            </option>
          ))}
        </SelectField>
        {act === "place" && (
          <TextField
            label="Place"
            maxLength={64}
            value={place}
            onChange={(event) => setPlace(event.target.value)}
          />
        )}
      </div>
      {change !== undefined && (
        <BulkPreview chosen={chosen} change={change} onMean={(items) => onMean(items, change)} />
      )}
      {chosen.length <= soughtMax && (
        <div className="-ml-3 flex flex-wrap">
          <WayLink place={{ site: site.id, screen: "find", query }}>Find them</WayLink>
          <WayLink place={{ site: site.id, screen: "commissioning", query }}>Print their labels</WayLink>
        </div>
      )}
    </div>
  );
};
