/** A body that works, for each operation that takes one. */
export const examples: Readonly<Record<string, unknown>> = {
  createSite: { id: "north", name: "North", timeZone: "Europe/Berlin" },
  createItem: {
    tag: "3034257BF7194E4000001A85",
    class: "6m frame",
    status: "ready",
    quality: "A",
    place: "rack-4",
  },
  setStockRule: { enabled: true, days: 4 },
  confirmTags: {
    tags: ["3034257BF7194E4000001A85", "3034257BF7194E4000001A86"],
    misprints: [{ tag: "3034257BF7194E4000001A87", fate: "reprint" }],
  },
  stateTrip: {
    status: "out_for_delivery",
    truck: "7",
    trip: "T-204",
    promisedAt: "2026-03-03T09:00:00+01:00",
  },
  deletePhoto: { reason: "it shows another tent" },
  patchItem: { status: "repair", notes: "left leg bent" },
  recordScans: {
    scans: [
      {
        id: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10",
        tag: "3034257BF7194E4000001A85",
        type: "rental",
        scannedAt: "2026-03-02T07:15:04.120+01:00",
        contract: "R-2026-0117",
        place: "dock-1",
      },
      {
        id: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a13",
        tag: "3034257BF7194E4000001A86",
        type: "service",
        scannedAt: "2026-03-02T07:16:11.480+01:00",
        status: "ready",
        technician: "Ines",
        done: ["washed", "new rope"],
      },
    ],
  },
  reportDevice: {
    device: { id: "browser-3f9a2c71", incarnation: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a20" },
    headSeq: 412,
    queued: 3,
    attention: 0,
    oldestAt: "2026-03-02T07:15:04.120+01:00",
    storage: "persisted",
  },
  captureEpcisEvents: {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2026-03-02T07:16:00.000+01:00",
    epcisBody: {
      eventList: [
        {
          type: "ObjectEvent",
          eventID: "urn:uuid:01939f0e-5b2a-7c11-9d44-2f6f1f0b7a11",
          eventTime: "2026-03-02T07:15:04.120+01:00",
          eventTimeZoneOffset: "+01:00",
          epcList: ["urn:epc:id:sgtin:0614141.812345.6789"],
          action: "OBSERVE",
          bizStep: "cycle_counting",
          readPoint: { id: "urn:tagwire:north:place:dock-1" },
        },
      ],
    },
  },
  openContract: {
    number: "482913",
    client: "Lakeside Weddings",
    outAt: "2026-06-12T07:00:00Z",
    dueAt: "2026-06-15T16:00:00Z",
    lines: [
      { class: "6m frame", quantity: 4 },
      { class: "Chair folding natural", quantity: 120 },
    ],
  },
  amendContract: { dueAt: "2026-06-16T16:00:00Z" },
  mergeContract: { into: "482913" },
  recordLot: {
    id: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a11",
    name: "Napkin white",
    quantity: 240,
    action: "added",
  },
  beginSession: {
    id: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a12",
    mode: "checkout",
    contract: "482913",
    place: "dock-1",
    station: "dock-gate",
  },
  closeSession: {
    count: 2,
    digest: "bb8d1d3ffbf5cdd5aa6b8f6e5c0b1ba2b2f4fe0a3ae9c4f6a1ed6c4ac4a8b5f0",
  },
  joinSession: { device: { id: "tablet-2", incarnation: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a13" } },
  declareSession: {
    count: 2,
    digest: "bb8d1d3ffbf5cdd5aa6b8f6e5c0b1ba2b2f4fe0a3ae9c4f6a1ed6c4ac4a8b5f0",
    lastSeq: 118,
  },
  defineClass: { name: "Folding chair, natural", shortName: "FC nat", category: "Seating", crew: "service" },
  provisionTags: {
    class: "Chair folding natural",
    quantity: 50,
    tags: { scheme: "sgtin-96", companyPrefix: "0614141", itemReference: "812345" },
  },
  retagItem: { to: "3034257BF7194E4000001A86", reason: "the old one was torn off" },
  dismissHeldScans: { reason: "a tag of our neighbours" },
  printTags: { tags: ["3034257BF7194E4000001A85"] },
  undoEvent: { reason: "scanned at the wrong dock" },
  undoSession: { reason: "counted with the reader of next door" },
  advanceMigration: { why: "seven days without a difference", force: false },
  rollbackMigration: { why: "two scanners of the old kind turned up" },
  startRfidproRun: {
    site: "north",
    datasets: ["classes", "items", "transactions"],
    compare: true,
    import: false,
  },
  importRfidpro: {
    digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    add: ["items"],
  },
  signRfidproReport: { name: "Ines Falk" },
  acknowledgeRfidproDifference: { owner: "Ines", dueAt: "2026-06-15T16:00:00Z" },
  resolveRfidproDifference: { resolution: "fixed_in_operations", why: "scanned again at the shelf" },
  reopenRfidproDifference: { why: "it is on the shelf of resale after all" },
  assignRfidproDifference: { owner: "Ines" },
  undoEvents: { scans: ["01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10"] },
  createReader: {
    id: "dock-1",
    driver: "llrp",
    address: "192.168.10.21:5084",
    antennas: [{ port: 1, place: "dock-1", role: "gate", powerDbm: 27 }],
  },
  testReadReader: { seconds: 3 },
  patchReader: { antennas: [{ port: 1, place: "dock-2", role: "gate" }] },
  putBeforeTrainingReader: {
    station: "practice-checkout",
    class: "Chair folding natural",
    count: 4,
    unknown: 1,
  },
  takeFromTrainingReader: { tags: ["3034257BF7194E4000001A85"] },
  walkPastTrainingReader: { direction: "out" },
  putZone: {
    points: [
      { x: 0, y: 0 },
      { x: 12.5, y: 0 },
      { x: 12.5, y: 8 },
      { x: 0, y: 8 },
    ],
  },
  putStation: { mode: "checkout", place: "dock-1", rules: { minRssiDbm: -62, dwellMs: 300 } },
  ingestReaderEvents: { reads: [{ epc: "3034257BF7194E4000001A85", antenna: 1, rssiDbm: -58.5, count: 4 }] },
  createAlertRule: {
    kind: "threshold",
    name: "Many unknown tags",
    severity: "warning",
    params: { figure: "/totals/quarantined", comparator: ">", value: 50, clearValue: 20, forSeconds: 300 },
    quietHours: { from: "20:00", to: "06:00" },
    escalateAfterMinutes: 60,
    channels: [{ kind: "in_app" }, { kind: "email", to: ["floor@example.com"] }],
  },
  patchAlertRule: { params: { days: 180, limits: [{ name: "resale", days: 60 }] }, severity: "warning" },
  acknowledgeAlert: { why: "the crew is on it" },
  resolveAlert: { why: "found behind the dock" },
  reopenAlert: { why: "it was another one" },
  snoozeAlert: { until: "2026-03-03T06:00:00Z", why: "the reader is repaired tomorrow" },
  acknowledgeFinding: { why: "looking at it with the database people", dueAt: "2026-03-04T17:00:00Z" },
  reviewFinding: { why: "the backup of last night is being compared" },
  resolveFinding: { resolution: "source_corrected", why: "the script that wrote there is gone" },
  closeFinding: { why: "seen by the auditor" },
  reopenFinding: { why: "the script came back" },
  healFinding: { why: "a column was edited by hand", preview: true },
  addPushSubscription: {
    endpoint: "https://push.example.com/send/9f2c",
    keys: {
      p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
      auth: "tBHItJI5svbpez7KI4CCXg",
    },
    sites: ["north"],
  },
  createWebhook: {
    site: "north",
    url: "https://erp.example/hooks/tagwire",
    types: ["item.*", "scan.quarantined.v1"],
    description: "stock to the ERP",
  },
  patchWebhook: { types: null },
  replayWebhook: { from: "1:4711" },
  enableWebhook: { failed: "retry" },
  createKey: { name: "handheld 7" },
  signIn: { key: "twk_0f1e2d3c4b5a6978_replace-with-the-secret-part-of-your-key---" },
};

/** Files that work, for each operation that takes one, by their types. */
export const fileExamples: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  importReaderSettings: {
    "application/json":
      '[{"id":"dock-1","driver":"llrp","address":"192.168.10.21","antennas":[{"port":1,"place":"dock-1"}]}]',
    "application/x-ndjson":
      '{"id":"dock-1","driver":"llrp","address":"192.168.10.21","rules":{"minRssiDbm":-65}}\n' +
      '{"id":"gate","antennas":[{"port":1,"place":"gate","side":"inside"},{"port":2,"place":"gate","side":"outside"}]}\n',
  },
  importItems: {
    "text/csv":
      "tag,class,name,status,quality,place,notes\r\n" +
      '3034257BF7194E4000001A85,6m frame,"Frame, 6 m",ready,A,rack-4,\r\n' +
      "chair-17,chair,,repair,,,left leg bent\r\n",
    "application/x-ndjson":
      '{"tag":"3034257BF7194E4000001A85","class":"6m frame","place":"rack-4"}\n' +
      '{"tag_id":"chair-17","rental_class_num":"chair","status":"Ready to Rent"}\n',
  },
};
