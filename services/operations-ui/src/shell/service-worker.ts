/*
 * Keeps the page itself on the device, so that it opens without a network. What it shows is none of its business: nothing of the API is
 * kept or answered here, and no scan passes through it but those that the page sends.
 *
 *   installing ──all files kept──► waiting ──the page says "apply"──► active
 *
 * A page goes on with the files that it was opened with until it says so: see `updates.ts`.
 */
type Worker = EventTarget & { skipWaiting(): Promise<void>; readonly location: Location };
type Extended = Event & { waitUntil(work: Promise<unknown>): void };
type Fetching = Event & { readonly request: Request; respondWith(answer: Promise<Response>): void };

const worker = self as unknown as Worker;

/** Put in by the build: the files of the page, and what tells this build from others. */
const files: readonly string[] = JSON.parse("__SHELL_FILES__");
const cacheName = "tagwire.shell.__SHELL_VERSION__";
const pagePath = "/";

worker.addEventListener("install", (event) => {
  (event as Extended).waitUntil(caches.open(cacheName).then((cache) => cache.addAll([pagePath, ...files])));
});

worker.addEventListener("activate", (event) => {
  const clear = async (): Promise<void> => {
    for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name);
  };
  (event as Extended).waitUntil(clear());
});

worker.addEventListener("message", (event) => {
  if ((event as MessageEvent).data === "apply") void worker.skipWaiting();
});

const kept = async (request: Request, path: string): Promise<Response> => {
  const cache = await caches.open(cacheName);
  return (await cache.match(path)) ?? fetch(request);
};

worker.addEventListener("fetch", (event) => {
  const { request, respondWith } = event as Fetching;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin) return;
  if (pathname === pagePath || files.includes(pathname)) respondWith.call(event, kept(request, pathname));
});
