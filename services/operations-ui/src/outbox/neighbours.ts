/** Other pages of this browser have the same queue. */
const channelName = "tagwire.outbox";
type Work = "outbox" | "lane";

/** Tells other pages that something has changed, and is told by them. Nothing else is said: what it is, they read. */
export const openNudges = (heard: () => void): { tell(): void } => {
  if (typeof BroadcastChannel === "undefined") return { tell: () => {} };
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = heard;
  return { tell: () => channel.postMessage("changed") };
};

/**
 * Does something unless another page is doing it: then undefined. The lock is held for one drain and not for life, so a page that is frozen or
 * closed stops nobody. Without locks (a page that came by plain HTTP) it is done anyway: the server knows repeats.
 */
export const alone = async <T>(work: () => Promise<T>, of: Work = "outbox"): Promise<T | undefined> => {
  const { locks } = navigator as { readonly locks?: LockManager };
  if (locks === undefined) return work();
  return locks.request(`tagwire.${of}`, { ifAvailable: true }, async (lock) =>
    lock === null ? undefined : work(),
  );
};
