/** What can be said about differences to the old system, reports of them, and imports from it. */
export const rfidproDifferenceFaults = {
  "rfidpro.difference_unknown": { status: 404, retryable: false, advice: "No such difference at this site." },
  "rfidpro.difference_state": {
    status: 409,
    retryable: false,
    advice: "The difference is in a state in which that cannot be done; the message names it.",
  },
  "rfidpro.not_compared": {
    status: 409,
    retryable: false,
    advice: "The pull was not compared, or not yet. Start one with compare, and wait until it has ended.",
  },
  "rfidpro.no_signing_key": {
    status: 409,
    retryable: false,
    advice:
      "The archive has no key to sign with. Set RFIDPRO_ARCHIVE_DIR or RFIDPRO_SIGNING_KEY_FILE for rfidpro-backup.",
  },
  "rfidpro.not_importable": {
    status: 409,
    retryable: false,
    advice:
      "Only a pull of classes, items and transactions that was complete, and whose rows are still staged, can be imported; the message says what is missing.",
  },
  "rfidpro.import_unfinished": {
    status: 409,
    retryable: false,
    advice:
      "An import of this site ended early and is not whole. Open the run that the message names and confirm its import again: it goes on, and nothing is done twice. Then another can be previewed.",
  },
  "rfidpro.preview_stale": {
    status: 409,
    retryable: false,
    advice:
      "This is not what the preview said, or the site has changed since. Preview the import again, look at it, and confirm that.",
  },
  "rfidpro.site_not_empty": {
    status: 409,
    retryable: false,
    advice:
      "The site has items already. Name in add what may be added to it: classes, items. What is there already is never changed.",
  },
} as const;
