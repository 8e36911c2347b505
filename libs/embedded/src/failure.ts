export type EmbeddedFailureCode =
  | "embedded.platform_unsupported"
  | "embedded.program_missing"
  | "embedded.program_failed"
  | "embedded.data_in_use"
  | "embedded.data_version"
  | "embedded.start_failed"
  | "embedded.start_timeout"
  | "embedded.nats_version"
  | "embedded.nats_missing"
  | "embedded.checksum"
  | "embedded.browser_missing";

/** Something on this machine keeps an embedded server from running; the message says what a person can do. */
export class EmbeddedFailure extends Error {
  readonly code: EmbeddedFailureCode;

  constructor(code: EmbeddedFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EmbeddedFailure";
    this.code = code;
  }
}
