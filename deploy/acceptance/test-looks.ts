import { accessibilityFaults, type Page } from "@tagwire/testing";

export const themes = ["light", "dark", "floor"] as const;
export type Theme = (typeof themes)[number];

/**
 * Puts a theme on the page, and waits until it is painted. Panels out of sight are not painted anew until they are looked at; under
 * inspection all of them are.
 */
export const wear = (page: Page, theme: Theme): Promise<void> =>
  page.evaluate(async (name) => {
    for (const panel of document.querySelectorAll<HTMLElement>(".contained"))
      panel.style.contentVisibility = "visible";
    document.documentElement.dataset.theme = name;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }, theme);

/** What axe finds wrong with what the page shows now, in every theme: a line for each rule and element, with the theme before it. */
export const faultsInThemes = async (page: Page): Promise<string[]> => {
  const faults: string[] = [];
  for (const theme of themes) {
    await wear(page, theme);
    for (const fault of await accessibilityFaults(page)) faults.push(`${theme}: ${fault}`);
  }
  return faults;
};
