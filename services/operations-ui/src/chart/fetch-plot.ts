/**
 * A browser may name a language that is none (`en-US@posix`, from the locale of its machine), and uPlot asks for the numbers of
 * that language as soon as it is loaded. It is told one that there is; what numbers look like is ours to say anyway.
 */
const nameALanguage = (): void => {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en-GB", configurable: true });
  }
};

/** What draws charts, a file of its own that is asked for with the first of them. Rejects where it is out of reach. */
export const fetchPlot = (): Promise<typeof import("./plot.ts")> => {
  nameALanguage();
  return import("./plot.ts");
};
