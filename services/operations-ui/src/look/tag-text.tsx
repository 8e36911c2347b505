/** The end of a tag is the running number that people compare with a label, so that a long one is cut before it. */
const endLength = 6;

/** A tag on one line, cut in its middle where there is no room for all of it. */
export const TagText = ({ tag }: { tag: string }) => (
  <span className="flex min-w-0 font-mono text-[0.8125rem]" title={tag}>
    <span className="truncate">{tag.slice(0, -endLength)}</span>
    <span className="shrink-0">{tag.slice(-endLength)}</span>
  </span>
);
