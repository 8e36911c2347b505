import { useSyncExternalStore } from "react";

const workerPath = "/service-worker.js";
/** A page on a wall is never closed: it asks for a new version by itself, so often, in ms. */
const lookEveryMs = 3_600_000;
/** Nobody has touched the page for so long, in ms: nothing is being typed or scanned that a new version could interrupt. */
const idleForMs = 60_000;
const checkEveryMs = 5_000;

let waiting: ServiceWorker | undefined;
let touchedAtMs = Date.now();
let isAsked = false;
let isReplaced = false;
const listeners = new Set<() => void>();

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

const tell = (): void => {
  for (const listener of listeners) listener();
};

const found = (worker: ServiceWorker | null): void => {
  // The first one that a browser gets replaces nothing.
  if (worker === null || navigator.serviceWorker.controller === null) return;
  waiting = worker;
  // Somebody has asked for the new version, and this is a newer one than what was there then.
  if (isAsked) worker.postMessage("apply");
  tell();
};

const watch = (registration: ServiceWorkerRegistration): void => {
  const follow = (installing: ServiceWorker | null): void => {
    installing?.addEventListener("statechange", () => {
      if (installing.state === "installed") found(installing);
    });
  };
  found(registration.waiting);
  // One may have been found before anybody here could hear of it.
  follow(registration.installing);
  registration.addEventListener("updatefound", () => follow(registration.installing));
  setInterval(() => void registration.update().catch(() => {}), lookEveryMs);
};

/**
 * Keeps the page on the device, and lets a new version in only when somebody asks for it, or when nobody is there and `isCalm` says that
 * nothing is under way: a page that loads itself again in the middle of work is worse than an old one.
 */
export const startUpdates = (isCalm: () => boolean): void => {
  const { serviceWorker } = navigator as { readonly serviceWorker?: ServiceWorkerContainer };
  if (serviceWorker === undefined) return;
  const wasKept = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    isReplaced = wasKept;
    if (isReplaced && isAsked) location.reload();
  });
  for (const name of ["pointerdown", "keydown"])
    addEventListener(
      name,
      () => {
        touchedAtMs = Date.now();
      },
      { capture: true, passive: true },
    );
  setInterval(() => {
    if (!isCalm() || Date.now() - touchedAtMs < idleForMs) return;
    // Another page has let it in: this one follows as soon as it is left alone, too.
    if (isReplaced) location.reload();
    else if (waiting !== undefined) applyUpdate();
  }, checkEveryMs);
  // Without it the page is as it was before there was one: loaded from the server each time.
  // A browser that is told to keep none may say so by registering nothing.
  const registered: Promise<ServiceWorkerRegistration | undefined> = serviceWorker.register(workerPath);
  void registered.then(
    (registration) => registration && watch(registration),
    () => {},
  );
};

/** Goes over to the new version now, or as soon as the worker of the old one has nothing to do any more. */
export const applyUpdate = (): void => {
  isAsked = true;
  if (isReplaced) location.reload();
  else waiting?.postMessage("apply");
  tell();
};

/** How it stands with a new version: there is none, it waits for somebody to ask for it, or it is about to come. */
export type UpdateState = "none" | "ready" | "coming";

const stateOf = (): UpdateState => {
  if (waiting === undefined) return "none";
  return isAsked ? "coming" : "ready";
};

export const useUpdate = (): UpdateState => useSyncExternalStore(subscribe, stateOf);
