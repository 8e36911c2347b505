/** Both ways are looked at when an hour ends. */
export const hourMs = 3_600_000;

/** The hours of a month, each of which ends once, whether anything happened in it or not. */
export const openHours = (startMs: number) => {
  let endsMs = startMs + hourMs;
  return {
    /** The ends of the hours that are over at an instant and were not told of before. */
    *endedBy(atMs: number): Generator<number> {
      for (; endsMs <= atMs; endsMs += hourMs) yield endsMs;
    },
  };
};
