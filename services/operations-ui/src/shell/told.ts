/** What the manager pushes to a browser, as far as it is shown. */
type Told = { readonly id?: unknown; readonly site?: unknown; readonly alert?: unknown } & {
  readonly title?: unknown;
  readonly text?: unknown;
};

/** What a browser shows of an alert, and the place in the page where it leads. */
export type Shown = {
  readonly title: string;
  readonly body: string;
  /** What is told of the same alert later takes the place of this. */
  readonly tag: string;
  readonly place: string;
};

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const read = (text: string | undefined): Told => {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
};

/**
 * What is shown of a pushed message. A browser takes the right to be told away from whoever shows nothing, so what cannot be read is shown
 * as that much.
 */
export const shownOf = (message: string | undefined): Shown => {
  const told = read(message);
  const site = textOf(told.site);
  return {
    title: textOf(told.title) ?? "Tagwire",
    body: textOf(told.text) ?? "Something calls for attention.",
    tag: textOf(told.alert) ?? textOf(told.id) ?? "tagwire",
    place: site === undefined ? "/" : `/#/${encodeURIComponent(site)}/alerts`,
  };
};
