import type { FoundRead } from "@tagwire/messages";
import { useEffect, useState } from "react";
import { subprotocol } from "../../live/protocol.ts";

/** So long after it was heard last a tag counts as silent, in ms. */
const silentAfterMs = 1_500;

/** How loud a tag is now, in dBm, by find mode; undefined while nobody hears it. Where none is named nothing is looked for. */
export const useHeard = (site: string, tag: string | undefined): number | undefined => {
  const [dbm, setDbm] = useState<number>();
  useEffect(() => {
    setDbm(undefined);
    if (tag === undefined) return;
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/live`, subprotocol);
    let silence: ReturnType<typeof setTimeout> | undefined;
    socket.addEventListener("open", () =>
      socket.send(JSON.stringify({ op: "find", id: "practice", site, tags: [tag] })),
    );
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as { op: string; reads?: readonly FoundRead[] };
      if (frame.op !== "found") return;
      const loudest = Math.max(...(frame.reads ?? []).map(({ rssiDbm }) => rssiDbm ?? -Infinity));
      if (!Number.isFinite(loudest)) return;
      setDbm(loudest);
      clearTimeout(silence);
      silence = setTimeout(() => setDbm(undefined), silentAfterMs);
    });
    return () => {
      clearTimeout(silence);
      socket.close();
    };
  }, [site, tag]);
  return dbm;
};
