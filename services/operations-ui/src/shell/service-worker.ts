import { shownOf } from "./told.ts";

/*
 * Keeps the page itself on the device, so that it opens without a network. What it shows is none of its business: nothing of the API is
 * kept or answered here, and no scan passes through it but those that the page sends.
 *
 *   installing ──all files kept──► waiting ──the page says "apply"──► active
 *
 * It also shows what is pushed of alerts, while no page is open, too.
 *
 * A page goes on with the files that it was opened with until it says so: see `updates.ts`.
 */
type Page = { readonly url: string; focus(): Promise<unknown>; navigate(url: string): Promise<unknown> };
type Worker = EventTarget & { skipWaiting(): Promise<void>; readonly location: Location } & {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(of: { readonly type: "window" }): Promise<readonly Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
};
type Extended = Event & { waitUntil(work: Promise<unknown>): void };
/** Of browsers that know routes; the others ask the worker of every request. */
type Installing = Extended & {
  addRoutes?(route: { readonly condition: object; readonly source: "network" }): Promise<void>;
};
type Pushed = Extended & { readonly data: { text(): string } | null };
type Clicked = Extended & { readonly notification: Notification };
type Fetching = Event & { readonly request: Request; respondWith(answer: Promise<Response>): void };

const worker = self as unknown as Worker;

/** Put in by the build: the files of the page, and what tells this build from others. */
const files: readonly string[] = JSON.parse("__SHELL_FILES__");
const cacheName = "tagwire.shell.__SHELL_VERSION__";
/** What is kept once it was used. Its files carry a hash in their names, so a new version may go on with them. */
const lateCacheName = "tagwire.late";
const pagePath = "/";

/*
 * A new worker that was told to take over waits until the one before it has nothing to do, in Chromium for up to five minutes. A page that
 * asks the API all the time keeps it at work for all of them, though nothing of it is answered here: so such requests go past it.
 */
const passApi = async (event: Installing): Promise<void> => {
  const route = { condition: { urlPattern: { pathname: "/api/*" } }, source: "network" } as const;
  // Without it the page works all the same.
  await event.addRoutes?.(route).catch(() => {});
};

worker.addEventListener("install", (event) => {
  const installing = event as Installing;
  installing.waitUntil(passApi(installing));
  installing.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([pagePath, ...files])));
});

worker.addEventListener("activate", (event) => {
  const clear = async (): Promise<void> => {
    for (const name of await caches.keys())
      if (name !== cacheName && name !== lateCacheName) await caches.delete(name);
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

/* One version of it is enough: whatever was kept before goes when another one comes. */
const keptLate = async (request: Request, path: string): Promise<Response> => {
  const cache = await caches.open(lateCacheName);
  const known = await cache.match(path);
  if (known !== undefined) return known;
  const answer = await fetch(request);
  if (answer.ok) {
    for (const old of await cache.keys()) await cache.delete(old);
    await cache.put(path, answer.clone());
  }
  return answer;
};

worker.addEventListener("fetch", (event) => {
  const { request, respondWith } = event as Fetching;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin) return;
  if (/^\/assets\/[\w.-]+\.wasm$/.test(pathname)) respondWith.call(event, keptLate(request, pathname));
  else if (pathname === pagePath || files.includes(pathname))
    respondWith.call(event, kept(request, pathname));
});

worker.addEventListener("push", (event) => {
  const { data } = event as Pushed;
  const { title, body, tag, place } = shownOf(data?.text());
  const more = { body, tag, icon: "/icon.svg", data: place };
  (event as Extended).waitUntil(worker.registration.showNotification(title, more));
});

const openAt = async (place: string): Promise<void> => {
  const [page] = await worker.clients.matchAll({ type: "window" });
  if (page === undefined) await worker.clients.openWindow(place);
  else {
    // Only the part after # is another, so a page that is at work goes on with what it holds.
    await page.navigate(place);
    await page.focus();
  }
};

worker.addEventListener("notificationclick", (event) => {
  const { notification } = event as Clicked;
  notification.close();
  (event as Extended).waitUntil(openAt(String(notification.data)));
});
