import { useSyncExternalStore } from "react";
import { readStored, store } from "../stored.ts";

export type ThemeChoice = "system" | "light" | "dark" | "floor";
export type Theme = Exclude<ThemeChoice, "system">;

const key = "tagwire.theme";
const listeners = new Set<() => void>();
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const prefersContrast = matchMedia("(prefers-contrast: more)");

const isChoice = (text: string | null): text is ThemeChoice =>
  text === "system" || text === "light" || text === "dark" || text === "floor";

const stored = readStored(key);
let choice: ThemeChoice = isChoice(stored) ? stored : "system";

/** What the choice means here and now: the system's wish for contrast is answered with the floor theme. */
const resolve = (): Theme => {
  if (choice !== "system") return choice;
  if (prefersContrast.matches) return "floor";
  return prefersDark.matches ? "dark" : "light";
};

const apply = (): void => {
  document.documentElement.dataset.theme = resolve();
  for (const listener of listeners) listener();
};

/** Puts the theme on the page and follows the system from then on. Call once, before the first render. */
export const startTheme = (): void => {
  prefersDark.addEventListener("change", apply);
  prefersContrast.addEventListener("change", apply);
  apply();
};

export const chooseTheme = (wanted: ThemeChoice): void => {
  choice = wanted;
  store(key, wanted);
  apply();
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useThemeChoice = (): ThemeChoice => useSyncExternalStore(subscribe, () => choice);
