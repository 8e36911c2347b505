/** Codes of what is refused when people do something with a reader. In the same form as the catalogue they are part of. */
export const readerActFaults = {
  "reader.idle": {
    status: 409,
    retryable: true,
    advice:
      "The reader does not read now. Start it, or see its fault, and try again when its status is reading.",
  },
  "reader.busy": {
    status: 409,
    retryable: true,
    advice: "Somebody tests the reader at this moment. Wait some seconds and test it again.",
  },
  "reader.recording": {
    status: 409,
    retryable: false,
    advice:
      "Nothing is recorded; the message says why. Name a folder in RECORDINGS_DIR of the reader-gateway, or delete recordings that nobody needs, and record again.",
  },
} as const satisfies Record<string, { status: number; retryable: boolean; advice: string }>;
