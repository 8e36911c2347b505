import { useMemo } from "react";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";

/** What class the thing behind a tag is of, as the items' view says; undefined while that is not known. Events name the tag alone. */
export const useItemClasses = (): ((tag: string) => string | undefined) => {
  const { rows, revision } = useView(useSite().id, "items");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map is the same object; its revision tells when it changed
  return useMemo(
    () => (tag: string) => {
      const name = rows.get(tag)?.class;
      return typeof name === "string" ? name : undefined;
    },
    [rows, revision],
  );
};
