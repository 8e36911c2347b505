import { FileDown } from "lucide-react";
import { useEffect, useState } from "react";
import { fetchLabels, type LabelFormat } from "../../api/commissioning.ts";
import { Button } from "../../look/button.tsx";
import { saveFile } from "../../look/save-file.ts";
import { useSite } from "../../site-context.ts";
import { countOf } from "../../words/time.ts";
import { labelsIn } from "./label-drawing.ts";
import { LabelPreview } from "./label-preview.tsx";

/** Labels of one file; the record takes no more at once, and a roll has fewer. */
export const labelsPerFile = 1_000;

const mediaTypes: Record<LabelFormat, string> = { csv: "text/csv", zpl: "text/plain" };

/** Labels of some tags: how the first looks, and the files for a printer or its software. */
export const LabelFiles = ({ tags }: { tags: readonly string[] }) => {
  const site = useSite();
  const [first, setFirst] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [firstTag] = tags;
  useEffect(() => {
    let isLeft = false;
    if (firstTag === undefined) return;
    void fetchLabels(site.id, [firstTag], "zpl").then((answer) => {
      if (isLeft) return;
      setFirst(answer.kind === "ok" ? labelsIn(answer.value)[0] : undefined);
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    });
    return () => {
      isLeft = true;
    };
  }, [site.id, firstTag]);
  const save = async (format: LabelFormat, from: number): Promise<void> => {
    setBusy(true);
    const answer = await fetchLabels(site.id, tags.slice(from, from + labelsPerFile), format);
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    if (answer.kind !== "ok") return;
    const part = tags.length > labelsPerFile ? `-${from / labelsPerFile + 1}` : "";
    saveFile({ name: `${site.id}-labels${part}.${format}`, type: mediaTypes[format], text: answer.value });
  };
  const starts = Array.from(
    { length: Math.ceil(tags.length / labelsPerFile) },
    (_, index) => index * labelsPerFile,
  );
  return (
    <section aria-label="Labels" className="grid gap-3">
      {first !== undefined && <LabelPreview zpl={first} />}
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold break-words text-missing">
          {wrong}
        </p>
      )}
      {starts.map((from) => {
        const count = Math.min(labelsPerFile, tags.length - from);
        const which = starts.length > 1 ? `, part ${from / labelsPerFile + 1}` : "";
        return (
          <div key={from} className="flex flex-wrap items-center gap-2">
            <span className="text-sm font-semibold tabular-nums">
              {countOf(count, "label")}
              {which}
            </span>
            {(["zpl", "csv"] as const).map((format) => (
              <Button
                key={format}
                kind={format === "zpl" ? "primary" : "outline"}
                disabled={isBusy}
                onClick={() => void save(format, from)}
              >
                <FileDown aria-hidden="true" className="size-4" />
                {format.toUpperCase()}
                <span className="sr-only">
                  {" "}
                  of {countOf(count, "label")}
                  {which}
                </span>
              </Button>
            ))}
          </div>
        );
      })}
    </section>
  );
};
