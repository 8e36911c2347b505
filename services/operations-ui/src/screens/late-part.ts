/**
 * Fetches a part of the page that stands in a file of its own.
 *
 * A page from before an update asks for files that the server no longer has, and what the browser says of that (the address of
 * a script) tells nobody what to do. Throws in words that do.
 */
export const fetchPart = async <T>(fetchIt: () => Promise<T>): Promise<T> => {
  try {
    return await fetchIt();
  } catch (cause) {
    throw new Error(
      "It could not be fetched: Tagwire was updated since this page was loaded, or is out of reach.",
      {
        cause,
      },
    );
  }
};
