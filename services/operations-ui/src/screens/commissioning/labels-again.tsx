import { useState } from "react";
import { TextField } from "../../look/field.tsx";
import { Panel } from "../../look/panel.tsx";
import { useRoute } from "../../route.ts";
import { countOf } from "../../words/time.ts";
import { soughtOf, tagsIn } from "../find/sought.ts";
import { ConfirmPrint } from "./confirm-print.tsx";
import { LabelFiles } from "./label-files.tsx";

/** Labels for things that have their tags already: one came off, or a whole shelf gets new ones. */
export const LabelsAgain = () => {
  const { query } = useRoute();
  const named = soughtOf(query);
  const [text, setText] = useState(() => named.join(", "));
  const tags = [...new Set(tagsIn(text))];
  return (
    <Panel title="Labels again">
      <div className="grid gap-3 px-4 pb-4 sm:px-5">
        <TextField
          label="Tags"
          hint="One or more, with commas between; a pasted list is taken as it is."
          value={text}
          onChange={(event) => setText(event.target.value)}
          onPaste={(event) => {
            const pasted = tagsIn(event.clipboardData.getData("text/plain"));
            if (pasted.length < 2) return;
            event.preventDefault();
            setText([...tags, ...pasted].join(", "));
          }}
        />
        {tags.length > 0 && (
          <>
            <p role="status" className="text-sm tabular-nums">
              {countOf(tags.length, "tag")}
            </p>
            <LabelFiles tags={tags} />
            <ConfirmPrint key={tags.join()} tags={tags} />
          </>
        )}
      </div>
    </Panel>
  );
};
