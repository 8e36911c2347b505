import { type LiveFrame, type LiveRequest, liveProtocol, type SiteId } from "@tagwire/messages";

/** What a test scan looks at: the rows of probe sites, as any screen has them. */
export type Screen = {
  readonly isOpen: () => boolean;
  /** Follows a site from now on. */
  readonly follow: (site: SiteId) => void;
  /** Resolves when the row of a tag has come to a version, with whether it did so in time. */
  readonly shows: (site: SiteId, tag: string, version: number, withinMs: number) => Promise<boolean>;
  readonly close: () => void;
};

type Waiting = { readonly key: string; readonly version: number; readonly resolve: (shown: boolean) => void };

/** Node's own WebSocket takes headers, which no browser's does. */
type Options = { readonly protocols: string[]; readonly headers: Readonly<Record<string, string>> };
const Socket = WebSocket as unknown as new (url: string, options: Options) => WebSocket;

const keyOf = (site: SiteId, tag: string): string => `${site}/${tag}`;

/** Connects as a screen does. It may be closed by whatever closes screens: ask {@link Screen.isOpen} and open another one then. */
export const openScreen = async (url: string, key: string): Promise<Screen> => {
  const socket = new Socket(`${url.replace(/^http/, "ws")}/api/v1/live`, {
    protocols: [liveProtocol],
    headers: { authorization: `Bearer ${key}` },
  });
  const versions = new Map<string, number>();
  const waiting = new Set<Waiting>();
  const followed = new Set<SiteId>();
  const again = new Set<NodeJS.Timeout>();

  const send = (request: LiveRequest) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
  };
  const sub = (site: SiteId) => send({ op: "sub", id: site, site, view: "items" });
  const see = (key: string, version: number) => {
    versions.set(key, Math.max(version, versions.get(key) ?? 0));
    for (const one of waiting) if (one.key === key && one.version <= version) one.resolve(true);
  };
  const take = (frame: LiveFrame) => {
    if (frame.op === "snap") for (const { key, version } of frame.rows) see(keyOf(frame.id, key), version);
    if (frame.op === "delta")
      for (const { key, version } of frame.changes) see(keyOf(frame.id, key), version);
    if (frame.op !== "reset") return;
    const timer = setTimeout(() => {
      again.delete(timer);
      sub(frame.id);
    }, frame.retryMs);
    again.add(timer);
  };
  socket.addEventListener("message", ({ data }) => take(JSON.parse(String(data)) as LiveFrame));
  const end = () => {
    for (const timer of again) clearTimeout(timer);
    for (const { resolve } of waiting) resolve(false);
  };
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("the WebSocket does not open")));
  });
  socket.addEventListener("close", end);

  return {
    isOpen: () => socket.readyState === WebSocket.OPEN,
    follow: (site) => {
      if (followed.has(site)) return;
      followed.add(site);
      sub(site);
    },
    shows: async (site, tag, version, withinMs) => {
      const key = keyOf(site, tag);
      if ((versions.get(key) ?? 0) >= version) return true;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const one = { key, version, resolve };
      waiting.add(one);
      const timer = setTimeout(resolve, withinMs, false);
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(one);
      });
    },
    close: () => {
      end();
      socket.close();
    },
  };
};
