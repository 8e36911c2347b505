import type { Audit } from "@tagwire/messages";
import { useCallback, useEffect, useState } from "react";
import { fetchAudits } from "../../api/agreement.ts";
import { useView } from "../../live/use-live.ts";

type Audits = {
  /** Newest first; undefined before they have come. */
  readonly audits: readonly Audit[] | undefined;
  /** Why they did not come. */
  readonly wrong: string | undefined;
  /** Whether there are earlier ones; `more` asks for the next page of them. */
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly look: () => void;
};

/** The audits of a site. Each one moves the live view of findings, whether or not it found anything, so that is when to look again. */
export const useAudits = (site: string): Audits => {
  const { pos } = useView(site, "findings");
  const [audits, setAudits] = useState<readonly Audit[]>();
  const [hasMore, setHasMore] = useState(false);
  const [pages, setPages] = useState(1);
  const [wrong, setWrong] = useState<string>();
  const [looks, setLooks] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has moved is looked at again
  useEffect(() => {
    const leave = new AbortController();
    void fetchAudits(site, pages, leave.signal).then((answer) => {
      if (leave.signal.aborted || answer.kind === "signed_out") return;
      if (answer.kind === "ok") {
        setAudits(answer.value.data);
        setHasMore(answer.value.nextCursor !== null);
      }
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    });
    return () => leave.abort();
  }, [site, pos, looks, pages]);
  const more = useCallback(() => setPages((count) => count + 1), []);
  return { audits, wrong, hasMore, more, look: useCallback(() => setLooks((count) => count + 1), []) };
};
