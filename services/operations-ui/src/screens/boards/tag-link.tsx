import { routeText, useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";

/** A tag that leads to the life of its item, beside the board it stands on. */
export const TagLink = ({ tag }: { tag: string }) => {
  const site = useSite();
  const { query } = useRoute();
  return (
    <a
      href={routeText({ site: site.id, screen: "boards", tag, query })}
      className="hit inline-flex min-w-24 items-center font-mono text-[0.8125rem] break-all underline decoration-edge underline-offset-3 hover:decoration-ink"
    >
      {tag}
    </a>
  );
};
