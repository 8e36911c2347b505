/** An escape as JSON writes it. What is no pair of surrogates it writes as an escape, too. */
const escapes = /\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g;

/** A row, or many, as JSON for a `jsonb`, which holds no NUL and no half of a surrogate pair: each becomes U+FFFD. The archive keeps the bytes. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(escapes, (whole, what: string) => (what.length > 1 ? "\ufffd" : whole));
