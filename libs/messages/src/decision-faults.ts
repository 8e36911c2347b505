/**
 * Codes of what a site's own rules refuse: an item, contract, session or row that cannot be what somebody asked for. In the same form as
 * the catalogue they are part of.
 */
export const decisionFaults = {
  site_unknown: { status: 404, retryable: false, advice: "Create the site first, or check its spelling." },
  view_unknown: {
    status: 404,
    retryable: false,
    advice: "There is no live view of this name here. Check its spelling, or ask a newer gateway.",
  },
  site_exists: {
    status: 409,
    retryable: false,
    advice: "A site with this id is there already, with other data.",
  },
  "migration.stage_moved": {
    status: 409,
    retryable: false,
    advice: "The site is at another stage by now. Look at it again before you move it.",
  },
  "migration.no_step": {
    status: 409,
    retryable: false,
    advice: "A site goes one step at a time, and there is none in that direction.",
  },
  "migration.gate_not_met": {
    status: 409,
    retryable: false,
    advice:
      "What has to be so before the site goes on is not, or could not be measured; GET /sites/{site}/migration says what. Who goes on all the same says force, and why.",
  },
  "migration.reason_required": {
    status: 400,
    retryable: false,
    advice: "Who goes on though a gate is not met says why: it stays in the log.",
  },
  "rfidpro.polling_off": {
    status: 409,
    retryable: false,
    advice:
      "This site has switched: RFIDpro is pulled when a person asks for it, and by no schedule. Take the schedule away, or take the site back to parallel.",
  },
  item_exists: {
    status: 409,
    retryable: false,
    advice: "The tag is on an item already; a tag can be on one item only.",
  },
  epc_held_elsewhere: {
    status: 409,
    retryable: false,
    advice:
      "A thing of another site has this EPC, and an EPC is on one thing only. When the thing has moved here, it is sold or retired there first; otherwise the tag was encoded twice and needs another EPC.",
  },
  tag_unknown: {
    status: 404,
    retryable: false,
    advice: "No item carries this tag. Scans of it are kept and applied when it is commissioned.",
  },
  dismissed: {
    status: 409,
    retryable: false,
    advice:
      "The scan waited for its tag until somebody decided that nobody will commission it; the log says why. Scan it again if that was wrong.",
  },
  tag_malformed: { status: 400, retryable: false, advice: "A tag is 1 to 64 printable characters." },
  id_reused: {
    status: 409,
    retryable: false,
    advice: "This id was used before for something else. Make a new id.",
  },
  version_stale: {
    status: 412,
    retryable: false,
    advice: "Somebody changed it meanwhile. Read it again and decide again.",
  },
  version_required: { status: 428, retryable: false, advice: "Send If-Match with the ETag that you read." },
  transition_refused: {
    status: 409,
    retryable: false,
    advice: "The item is in a state that does not allow this.",
  },
  contract_exists: {
    status: 409,
    retryable: false,
    advice: "A contract with this number is there already, with other data. Amend it instead.",
  },
  contract_unknown: {
    status: 404,
    retryable: false,
    advice: "No contract has this number. Open it, or check its spelling.",
  },
  contract_closed: {
    status: 409,
    retryable: false,
    advice: "The contract takes nothing more. Reopen or reactivate it first.",
  },
  round_unknown: {
    status: 404,
    retryable: false,
    advice: "The contract has no such round. The list of its differences names those that there are.",
  },
  contract_state: {
    status: 409,
    retryable: false,
    advice: "The contract is in a state, or of a kind, that does not allow this.",
  },
  class_not_on_contract: {
    status: 409,
    retryable: false,
    advice: "The contract has no line of this class; the item counts as extra.",
  },
  other_contract: {
    status: 409,
    retryable: false,
    advice:
      "The item was out on another contract than the scan named; it is back, and off both. Check which paper it belongs to.",
  },
  contract_not_of_session: {
    status: 409,
    retryable: false,
    advice:
      "The item went out on, or came back from, another contract than the session is for. It was taken all the same.",
  },
  type_not_of_session: {
    status: 409,
    retryable: false,
    advice:
      "The session is for another kind of scan. This one was taken all the same, and stands for nothing expected there.",
  },
  lot_negative: {
    status: 409,
    retryable: false,
    advice:
      "More would be taken off than was counted. Count again; laundry of which more came back says `surplus`.",
  },
  session_unknown: { status: 404, retryable: false, advice: "No session has this id." },
  session_exists: {
    status: 409,
    retryable: false,
    advice: "A session with this id was begun already, with other data. Make a new id.",
  },
  station_busy: {
    status: 409,
    retryable: false,
    advice:
      "Another session is open at the station, the detail says which. Join it by naming it in scans, close it, or begin without a station.",
  },
  session_closed: {
    status: 409,
    retryable: false,
    advice: "The session is closed. Scans from before its close still count; begin another for new ones.",
  },
  session_full: {
    status: 409,
    retryable: false,
    advice:
      "As many devices take part in the session as one may have. Its scans count all the same; begin another session for further devices, and close this one without a declaration.",
  },
  duplicate_in_session: {
    status: 409,
    retryable: false,
    advice: "The tag was scanned in this session already; nothing is lost.",
  },
  class_unknown: { status: 404, retryable: false, advice: "No class of this name has been described." },
  event_unknown: { status: 404, retryable: false, advice: "The log has no event at that position." },
  undo_refused: {
    status: 409,
    retryable: false,
    advice: "Later facts depend on it, or another command takes it back; the answer says which.",
  },
  tags_exhausted: {
    status: 409,
    retryable: false,
    advice: "The sequence has no free numbers left. Choose another prefix or item reference.",
  },
  contract_required: { status: 409, retryable: false, advice: "This kind of scan needs a contract number." },
  status_required: { status: 409, retryable: false, advice: "A service scan says which status it leads to." },
  quarantine_full: {
    status: 409,
    retryable: false,
    advice: "Too many scans of this unknown tag wait already. Commission the tag, then scan again.",
  },
  class_required: {
    status: 409,
    retryable: false,
    advice: "The tag is new here. Say which class of thing it is on.",
  },
  row_malformed: {
    status: 400,
    retryable: false,
    advice: "The row could not be read; the message says why. The other rows stand.",
  },
  row_too_long: {
    status: 413,
    retryable: false,
    advice: "The row is longer than any row can be. Look for a missing line break or quote.",
  },
  duplicate_in_import: {
    status: 409,
    retryable: false,
    advice:
      "The same tag is in an earlier row of this import. What that row changes is not counted in this answer.",
  },
  changed_since: {
    status: 409,
    retryable: false,
    advice:
      "The same row was imported before, and the item has changed since; the newer fact stands. Send an Idempotency-Key to import it anew.",
  },
  newer_fact_stands: {
    status: 409,
    retryable: false,
    advice:
      "Something newer is known of the item than the row says, and it stands. Look at the thing, and set its status by hand where the row is right.",
  },
  "training.site": {
    status: 409,
    retryable: false,
    advice:
      "What a training reader hears is made up, so it is heard at no real site. Practise at a site whose id begins with training-.",
  },
  "training.reader": {
    status: 409,
    retryable: false,
    advice: "Only before a training reader can tags be put from here: a real one hears what lies before it.",
  },
  "training.station": {
    status: 409,
    retryable: false,
    advice: "No antenna of the training reader is at this station. Bind one to it, or name another station.",
  },
  "training.gate": {
    status: 409,
    retryable: false,
    advice:
      "The training reader has no gate. Bind antennas to a station that is a portal, at least one that looks at each side of it.",
  },
  "training.tag": {
    status: 400,
    retryable: false,
    advice: "A reader hears tags with an EPC, which is written in hex digits. Put another tag before it.",
  },
  "training.field_full": {
    status: 409,
    retryable: false,
    advice: "So many tags lie before no reader at once. Take some away first.",
  },
  "training.nothing": {
    status: 409,
    retryable: false,
    advice: "Nothing of what was named is there to be put before the reader; the message says what.",
  },
} as const satisfies Record<string, { status: number; retryable: boolean; advice: string }>;
