import { decisionFaults } from "./decision-faults.ts";
import { photoFaults } from "./photo-faults.ts";
import { readerActFaults } from "./reader-act-faults.ts";
import { recordingFaults } from "./recording-faults.ts";
import { rfidproDifferenceFaults } from "./rfidpro-difference-faults.ts";
import { rfidproFaults } from "./rfidpro-faults.ts";

/**
 * Every code that Tagwire can answer, log or park with, and what a person can do about it at 3 a.m.
 *
 * `status` is the HTTP status at the edge; `retryable` says whether the same call may succeed later unchanged.
 */
export const faultCatalogue = {
  malformed: {
    status: 400,
    retryable: false,
    advice: "The request does not match its schema; errors[] points at the fields.",
  },
  unauthenticated: {
    status: 401,
    retryable: false,
    advice: "Send an API key as a bearer token, or sign in.",
  },
  forbidden: { status: 403, retryable: false, advice: "This credential or origin may not do that." },
  device_not_yours: {
    status: 403,
    retryable: false,
    advice:
      "A device speaks for itself: name the device that this key belongs to, or the browser you are signed in with, or none.",
  },
  not_found: { status: 404, retryable: false, advice: "Nothing is known under that address." },
  method_not_allowed: {
    status: 405,
    retryable: false,
    advice: "This address knows other methods; Allow names them.",
  },
  request_timeout: {
    status: 408,
    retryable: true,
    advice:
      "The request did not arrive in time. Send it again with the same ids, in smaller parts where the line is slow.",
  },
  media_type_unsupported: {
    status: 415,
    retryable: false,
    advice: "Send JSON with content-type application/json; an import takes text/csv or application/x-ndjson.",
  },
  upgrade_required: {
    status: 426,
    retryable: false,
    advice: "This address speaks WebSocket; the same frames come over SSE at /api/v1/live/events.",
  },
  ...decisionFaults,
  ...photoFaults,
  ...recordingFaults,
  ...rfidproDifferenceFaults,
  ...rfidproFaults,
  too_large: { status: 413, retryable: false, advice: "Send it in smaller parts." },
  rate_limited: { status: 429, retryable: true, advice: "Wait as long as Retry-After says." },
  internal: {
    status: 500,
    retryable: true,
    advice: "Our mistake. Give the trace id to whoever runs the system.",
  },
  overloaded: {
    status: 503,
    retryable: true,
    advice: "The queue is full. Send again with the same ids after Retry-After.",
  },
  unavailable: {
    status: 503,
    retryable: true,
    advice: "The service that answers this is away or just starting. Send again with the same ids.",
  },
  outcome_unknown: {
    status: 504,
    retryable: true,
    advice: "No answer in time. Ask again with the same ids; nothing is applied twice.",
  },
  epoch_unknown: {
    status: 409,
    retryable: false,
    advice: "The log's epoch has changed (history was restored). Start from 0:0 again.",
  },
  position_unknown: {
    status: 409,
    retryable: false,
    advice:
      "The log of this site does not reach that far. Go on from a `next` that you were given; if this is one, the log was cut back without a new epoch, and whoever runs Tagwire must hear of it.",
  },
  site_required: {
    status: 400,
    retryable: false,
    advice: "There is more than one site here; say which one is meant with ?site=.",
  },
  epcis_parameter_unknown: {
    status: 400,
    retryable: false,
    advice:
      "This is no query parameter of EPCIS 2.0, so its filter could not hold. The description lists those that are.",
  },
  epcis_event_unsupported: {
    status: 400,
    retryable: false,
    advice:
      "Only what was observed can be captured: an ObjectEvent with action OBSERVE, of single objects by their EPCs.",
  },
  epcis_event_malformed: {
    status: 400,
    retryable: false,
    advice: "The event is not as EPCIS 2.0 has it; the pointer says where.",
  },
  reader_exists: { status: 409, retryable: false, advice: "A reader with this id is there already." },
  station_unknown: { status: 404, retryable: false, advice: "No such station at this site." },
  "station.settings": {
    status: 400,
    retryable: false,
    advice: "A station cannot be set like that; the message says what does not fit.",
  },
  reader_unknown: { status: 404, retryable: false, advice: "No such reader at this site." },
  alert_rule_unknown: { status: 404, retryable: false, advice: "No such rule at this site." },
  figure_unknown: {
    status: 400,
    retryable: false,
    advice: "No figure can ever be where the pointer leads; the message says what there is instead.",
  },
  alert_rules_full: {
    status: 409,
    retryable: false,
    advice: "The site has as many rules as it may have. Change or delete one.",
  },
  finding_unknown: { status: 404, retryable: false, advice: "No such finding at this site." },
  finding_state: {
    status: 409,
    retryable: false,
    advice: "That cannot be done to a finding in its state; the message says in which it is.",
  },
  second_person_required: {
    status: 409,
    retryable: false,
    advice:
      "How a critical finding is resolved, and that it is healed, has to be confirmed by somebody else than whoever proposed it.",
  },
  audit_unknown: { status: 404, retryable: false, advice: "No such audit at this site." },
  alert_unknown: { status: 404, retryable: false, advice: "No such alert at this site." },
  alert_act_refused: {
    status: 409,
    retryable: false,
    advice: "The alert is in a state that does not allow this. Read it again.",
  },
  push_subscription_unknown: {
    status: 404,
    retryable: false,
    advice: "No such subscription of yours. Subscribe again in the browser.",
  },
  push_subscriptions_full: {
    status: 409,
    retryable: false,
    advice: "You have as many subscriptions as one may have. Delete one that is no longer used.",
  },
  "mail.unset": {
    status: 503,
    retryable: false,
    advice: "E-mail is not set up. Set SMTP_URL and MAIL_FROM of the manager.",
  },
  "mail.unreachable": {
    status: 502,
    retryable: true,
    advice: "The mail server does not answer or not now. Check SMTP_URL and the way to it.",
  },
  "mail.refused": {
    status: 502,
    retryable: false,
    advice:
      "The mail server refused the message or its addressee for good. Check the addresses and MAIL_FROM.",
  },
  "push.unreachable": {
    status: 502,
    retryable: true,
    advice: "The browser's push service does not answer or not now. It is tried again by itself.",
  },
  "push.refused": {
    status: 502,
    retryable: false,
    advice: "The browser's push service refused the message. Check PUSH_CONTACT of the manager.",
  },
  "push.gone": {
    status: 502,
    retryable: false,
    advice: "The browser ended this subscription. It is removed; subscribe again in the browser.",
  },
  "push.forbidden_address": {
    status: 400,
    retryable: false,
    advice: "A push service has a public https address.",
  },
  webhook_unknown: { status: 404, retryable: false, advice: "No such endpoint. GET /webhooks lists them." },
  webhook_delivery_unknown: {
    status: 404,
    retryable: false,
    advice:
      "No such delivery of this endpoint, or it is older than what is kept. Replay from a position instead.",
  },
  webhook_url_refused: {
    status: 400,
    retryable: false,
    advice:
      "An endpoint is a public https address without a user in it. Addresses of a local network are allowed by WEBHOOK_PRIVATE_NETWORKS of the manager.",
  },
  webhook_types_unknown: {
    status: 400,
    retryable: false,
    advice:
      "Nothing of such a type is ever sent: the detail says which types there are, and item.* is all that begin so.",
  },
  webhooks_full: {
    status: 409,
    retryable: false,
    advice: "There are as many endpoints as there may be. Change or delete one.",
  },
  prefetch_devices_full: {
    status: 409,
    retryable: false,
    advice:
      "As many devices of the site are kept account of as may be, and all of them asked within the hour. One that asks for nothing for longer makes room.",
  },
  prefetch_device_unknown: {
    status: 404,
    retryable: false,
    advice:
      "Nothing of the site was ever scanned on a device of this name, and who asks is not that device. A device asks for itself with its own key.",
  },
  webhook_secrets_full: {
    status: 409,
    retryable: false,
    advice: "The secret was changed too often today: the old ones still sign along. Try again tomorrow.",
  },
  "config.invalid": { status: 500, retryable: false, advice: "Set the named setting and start again." },
  "store.unreachable": {
    status: 503,
    retryable: true,
    advice: "Postgres does not answer. Check that it runs and that DATABASE_URL is right.",
  },
  "store.migration_changed": {
    status: 500,
    retryable: false,
    advice:
      "A migration that ran before now reads differently. Restore the released text; write a new migration instead.",
  },
  "bus.unreachable": {
    status: 503,
    retryable: true,
    advice: "NATS does not answer. Check that it runs and that NATS_URL is right.",
  },
  "bus.too_old": {
    status: 503,
    retryable: false,
    advice: "nats-server 2.12.7 or newer is needed: older ones lack atomic batches and authorization fixes.",
  },
  "bus.stream_refused": {
    status: 503,
    retryable: false,
    advice: "The server changed or refused the stream's settings. Compare them with the declaration.",
  },
  "bus.stream_lost": {
    status: 503,
    retryable: true,
    advice:
      "A stream was deleted, made anew or restored. Its readers begin again by themselves; nothing recorded is lost.",
  },
  "bus.malformed": {
    status: 400,
    retryable: false,
    advice: "A message could not be read. It is parked with its bytes and the reason.",
  },
  "lease.lost": {
    status: 503,
    retryable: true,
    advice: "Another process took over. This one steps down; nothing was committed twice.",
  },
  "reader.unreachable": {
    status: 502,
    retryable: true,
    advice: "Check power, network cable and address of the reader.",
  },
  "reader.refused": {
    status: 502,
    retryable: true,
    advice:
      "The reader serves another client. Close that one, or restart the reader after an unclean disconnect.",
  },
  "reader.silent": {
    status: 502,
    retryable: true,
    advice:
      "The reader accepted the connection and says nothing. Restart it; check that no firewall cuts idle connections.",
  },
  "reader.closed": {
    status: 502,
    retryable: true,
    advice: "The connection ended. It is tried again by itself.",
  },
  "reader.garbled": {
    status: 502,
    retryable: true,
    advice: "Bytes do not follow the protocol. Check driver, baud rate and cabling.",
  },
  "reader.error": {
    status: 502,
    retryable: true,
    advice: "The reader answered with an error; the message says which.",
  },
  "reader.settings": {
    status: 400,
    retryable: false,
    advice: "The reader does not accept these settings; the message says which.",
  },
  "reader.region": {
    status: 400,
    retryable: false,
    advice: "Set the region of the country where the reader stands; without one it must not send.",
  },
  "reader.login": {
    status: 502,
    retryable: true,
    advice: "The reader does not take this user name and password. Set the reader's login.",
  },
  "reader.certificate": {
    status: 502,
    retryable: true,
    advice:
      "The reader's certificate is not trusted. Install one of your own authority at the reader, and name that authority in NODE_EXTRA_CA_CERTS of the reader-gateway.",
  },
  "reader.deaf": {
    status: 409,
    retryable: true,
    advice: "The reader is stopped, or its driver takes nothing that is pushed. Start it, and push again.",
  },
  ...readerActFaults,
  "reader.antenna": {
    status: 502,
    retryable: true,
    advice:
      "Check that an antenna is plugged in at this port, that its cable is whole and that no metal stands before it.",
  },
  "reader.hot": {
    status: 502,
    retryable: true,
    advice:
      "The reader is too hot. Give it air and shade, or less power; it reads again by itself when it has cooled.",
  },
  "reader.voltage": {
    status: 502,
    retryable: true,
    advice: "The supply is too weak or too strong. Use the reader's own supply, and no unpowered USB hub.",
  },
} as const satisfies Record<string, { status: number; retryable: boolean; advice: string }>;

export type FaultCode = keyof typeof faultCatalogue;
