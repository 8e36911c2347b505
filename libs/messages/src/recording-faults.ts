/** Codes of recordings: what is asked of those that are kept, and what stands in the way of playing one. In the form of the catalogue. */
export const recordingFaults = {
  "recording.unknown": {
    status: 404,
    retryable: false,
    advice:
      "There is no recording of this name: it was deleted, or lies with another reader-gateway. List the recordings of the reader.",
  },
  "recording.going": {
    status: 409,
    retryable: true,
    advice: "The recording still goes on. End it with :stop-recording, then delete it.",
  },
  "recording.none": {
    status: 404,
    retryable: false,
    advice:
      "There is nothing to play: name a folder with recordings (.jsonl) or LLRP captures (.bin, .bytes).",
  },
  "recording.unreadable": {
    status: 400,
    retryable: false,
    advice:
      "The file is no whole recording; the message says where. Nothing of it was played. Take it out of the folder, or record again.",
  },
  "recording.version": {
    status: 400,
    retryable: false,
    advice: "The recording is of a newer Tagwire. Play it with that one.",
  },
  "recording.readers": {
    status: 400,
    retryable: false,
    advice:
      "The recordings are of several readers, whose reads must not be mixed. Say with --from which one is played.",
  },
  "recording.own_site": {
    status: 409,
    retryable: false,
    advice:
      "Played into the site it was recorded in, a recording moves its stock to where it was then. Play it into a site for practice, or say --into-own-site.",
  },
} as const satisfies Record<string, { status: number; retryable: boolean; advice: string }>;
