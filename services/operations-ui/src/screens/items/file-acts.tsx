import { Bookmark, FileDown, FileUp, ListChecks, type LucideIcon } from "lucide-react";
import { Button, buttonClass } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import { exportAddress, exportFormats } from "./item-export.ts";
import type { ItemFilter } from "./item-rows.ts";

/** What opens above the list, one at a time. */
export type ListAct = "views" | "choose" | "import";

const acts: Record<ListAct, { readonly word: string; readonly label: string; readonly icon: LucideIcon }> = {
  views: { word: "Views", label: "Saved views", icon: Bookmark },
  choose: { word: "Choose", label: "Choose several", icon: ListChecks },
  import: { word: "Import", label: "Import items", icon: FileUp },
};

type Props = { filter: ItemFilter; open: ListAct | undefined; onOpen: (act: ListAct | undefined) => void };

/** What can be done with the list: views of it, several things at once, files in and files out. */
export const FileActs = ({ filter, open, onOpen }: Props) => {
  const site = useSite();
  const files = exportFormats.flatMap((format) => {
    const address = exportAddress(site.id, filter, format);
    return address === undefined ? [] : [{ format, address }];
  });
  return (
    <div className="ml-auto flex flex-wrap items-center">
      {Object.entries(acts).map(([act, { word, label, icon: Icon }]) => (
        <Button
          key={act}
          kind="quiet"
          className="px-3!"
          aria-label={label}
          aria-expanded={open === act}
          onClick={() => onOpen(open === act ? undefined : (act as ListAct))}
        >
          <Icon aria-hidden="true" className="size-4" />
          {word}
        </Button>
      ))}
      <span className="flex items-center">
        <FileDown aria-hidden="true" className="ml-2 size-4 text-soft" />
        {files.map(({ format, address }) => (
          <a
            key={format}
            href={address}
            download
            aria-label={`Export as ${format.toUpperCase()}`}
            className={`${buttonClass("quiet")} px-2!`}
          >
            {format.toUpperCase()}
          </a>
        ))}
        {files.length === 0 && <span className="px-2 text-sm text-soft">Clear the search to export.</span>}
      </span>
    </div>
  );
};
