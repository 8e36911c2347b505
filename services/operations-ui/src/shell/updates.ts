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

const found = (worker: ServiceWorker | null): void => {
  // The first one that a browser gets replaces nothing.
  if (worker === null || navigator.serviceWorker.controller === null) return;
  waiting = worker;
  for (const listener of listeners) listener();
};

const watch = (registration: ServiceWorkerRegistration): void => {
  found(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const { installing } = registration;
    installing?.addEventListener("statechange", () => {
      if (installing.state === "installed") found(installing);
    });
  });
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

/** Goes over to the new version now. */
export const applyUpdate = (): void => {
  isAsked = true;
  if (isReplaced) location.reload();
  else waiting?.postMessage("apply");
};

/** Whether a new version is ready. */
export const useUpdate = (): boolean => useSyncExternalStore(subscribe, () => waiting !== undefined);
