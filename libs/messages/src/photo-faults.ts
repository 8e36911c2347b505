/** Codes of photos of things. In the form of the catalogue. */
export const photoFaults = {
  "photo.type": {
    status: 415,
    retryable: false,
    advice:
      "A photo is a JPEG, a PNG or a WebP: what was sent begins like none of them, whatever it is called.",
  },
  "photo.broken": {
    status: 400,
    retryable: false,
    advice: "The picture cannot be read to its end. Take it again, or save it anew.",
  },
  "photo.too_large": {
    status: 413,
    retryable: false,
    advice: "A photo has at most 700,000 bytes and 50 million pixels. Make it smaller before it is sent.",
  },
  "photo.too_many": {
    status: 409,
    retryable: false,
    advice: "The item has as many photos as are kept. Delete one that is of no use any more.",
  },
  "photo.unknown": {
    status: 404,
    retryable: false,
    advice: "There is no such photo, or it was deleted: the log says by whom and why.",
  },
  "photo.event_unknown": {
    status: 404,
    retryable: false,
    advice: "The item has no event at that position or of that scan. Read its timeline.",
  },
} as const satisfies Record<string, { status: number; retryable: boolean; advice: string }>;
