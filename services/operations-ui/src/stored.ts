/**
 * What this device remembers. A browser may forbid it (private windows, policies, a full disk), and a page that forgets is
 * better than none.
 */
export const readStored = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

export const store = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It lasts as long as the page, then.
  }
};

export const forget = (key: string): void => {
  try {
    localStorage.removeItem(key);
  } catch {
    // There was nothing to forget, then.
  }
};

/** Under which names something is remembered. */
export const storedKeys = (): string[] => {
  try {
    return Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? "");
  } catch {
    return [];
  }
};
