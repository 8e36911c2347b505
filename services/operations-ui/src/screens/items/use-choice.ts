import type { Item } from "@tagwire/messages";
import { useCallback, useState } from "react";
import type { LiveRow } from "../../live/protocol.ts";

/** Which things of the list are chosen, by tag: the list moves under them. */
export const useChoice = () => {
  const [tags, setTags] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (tag: string) =>
      setTags((before) => {
        const next = new Set(before);
        if (!next.delete(tag)) next.add(tag);
        return next;
      }),
    [],
  );
  const chooseAll = useCallback(
    (items: readonly Item[]) => setTags(new Set(items.map(({ tag }) => tag))),
    [],
  );
  const clear = useCallback(() => setTags((before) => (before.size === 0 ? before : new Set())), []);
  return { tags, toggle, chooseAll, clear };
};

/** What is chosen, as it is now; what is no longer there is left out. */
export const itemsOf = (rows: ReadonlyMap<string, LiveRow>, tags: ReadonlySet<string>): readonly Item[] =>
  [...tags].flatMap((tag) => (rows.get(tag) as unknown as Item | undefined) ?? []);
