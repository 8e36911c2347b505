/** Codes of the old system, RFIDpro, which is only ever read. In the form of the catalogue. */
export const rfidproFaults = {
  "rfidpro.not_configured": {
    status: 409,
    retryable: false,
    advice:
      "RFIDpro cannot be asked: set the settings that the message names at rfidpro-backup, and start it again.",
  },
  "rfidpro.running": {
    status: 409,
    retryable: false,
    advice: "A run of this site goes on already. Wait for its end or cancel it, then start another.",
  },
  "rfidpro.run_unknown": {
    status: 404,
    retryable: false,
    advice: "No such run. GET /rfidpro/runs lists them.",
  },
  "rfidpro.no_manifest": {
    status: 404,
    retryable: false,
    advice: "The run has no manifest: it goes on still, or could not be archived. The run itself says which.",
  },
  "rfidpro.forbidden": {
    status: 500,
    retryable: false,
    advice:
      "Something other than the login and reading the three data sets was asked of RFIDpro, and nothing was sent. Our mistake, or a data set's id in the settings that is none: compare RFIDPRO_LOGIN_URL, RFIDPRO_DATA_URL and RFIDPRO_DATASET_* with the account.",
  },
  "rfidpro.unreachable": {
    status: 502,
    retryable: true,
    advice:
      "RFIDpro does not answer, breaks off or is too slow. Nothing is lost: start the run again. If it stays so, check the internet line and RFIDPRO_LOGIN_URL and RFIDPRO_DATA_URL from the machine of rfidpro-backup.",
  },
  "rfidpro.login": {
    status: 502,
    retryable: false,
    advice:
      "RFIDpro does not take the user name and password. Log in by hand at RFIDpro with the same ones, then set RFIDPRO_USERNAME and RFIDPRO_PASSWORD.",
  },
  "rfidpro.unauthorized": {
    status: 502,
    retryable: true,
    advice:
      "RFIDpro gave a token and then refused it twice. Start the run again; if it stays so, the account may not read this data set: compare RFIDPRO_DATASET_* with it.",
  },
  "rfidpro.redirected": {
    status: 502,
    retryable: false,
    advice:
      "RFIDpro sent us elsewhere, and we do not follow, so that the login goes to nobody else. If RFIDpro has moved, set the new RFIDPRO_LOGIN_URL and RFIDPRO_DATA_URL.",
  },
  "rfidpro.refused": {
    status: 502,
    retryable: false,
    advice:
      "RFIDpro refuses the question; the message says how. Check that RFIDPRO_DATASET_* are the ids of this account.",
  },
  "rfidpro.error": {
    status: 502,
    retryable: true,
    advice: "RFIDpro has an error of its own, also when asked again. Start the run later.",
  },
  "rfidpro.busy": {
    status: 503,
    retryable: true,
    advice: "RFIDpro asks us to come later than a run may wait. Start the run at a quieter time.",
  },
  "rfidpro.garbled": {
    status: 502,
    retryable: true,
    advice:
      "What RFIDpro answers cannot be read, also when asked again: cut off, no JSON, or counts that contradict themselves. Start the run later; a proxy on the way may be it.",
  },
  "rfidpro.drift": {
    status: 502,
    retryable: false,
    advice:
      "RFIDpro's rows no longer look as they did; the message names the field. Nothing was taken from them. The reader of rows has to learn the new shape before a run can be whole.",
  },
  "rfidpro.too_large": {
    status: 502,
    retryable: false,
    advice:
      "An answer, or a whole data set, is larger than RFIDpro ever was. Nothing was taken from it. Look at it by hand; a proxy's error page may be it.",
  },
  "rfidpro.tag_crowded": {
    status: 409,
    retryable: false,
    advice:
      "A tag has far more rows in RFIDpro than a real one, so that nothing can be compared or imported; the message names it. Look at it in RFIDpro, and have the rows that are none taken out there. What was read is in the archive.",
  },
  "rfidpro.cancelled": { status: 409, retryable: false, advice: "Somebody ended the run. Start another." },
} as const satisfies Record<string, { status: number; retryable: boolean; advice: string }>;
