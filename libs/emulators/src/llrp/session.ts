import type { Socket } from "node:net";
import {
  decodeMessage,
  encodeMessage,
  FrameSplitter,
  MalformedFrame,
  type Message,
  type MessageContent,
  type MessageName,
  message,
  type Parameter,
  type ProtocolVersion,
  parameter,
} from "@tagwire/llrp";
import type { Random } from "../random.ts";
import { FlakyLine, type LineFlaws } from "./flaky-line.ts";
import { plainRefusal, statusParameter } from "./refusal.ts";

export type SessionHost = {
  readonly heard: (session: Session, request: Message) => void;
  readonly closed: (session: Session) => void;
  /** The last keepalive has not been answered when the next one is due. */
  readonly missedKeepalive: () => void;
};

export type SessionFlaws = LineFlaws & {
  /** Puts customs wherever the standard lets them stand. */
  readonly customEverywhere: boolean;
  /** Numbers its answers by itself instead of repeating the request's id. */
  readonly ownIds: boolean;
};

const ownIdsFrom = 0x1000_0000;

/** Keepalives that may go unanswered before a reader gives the client up. */
const missedKeepalivesMax = 3;

const takesCustoms = new Set<string>([
  "TagReportData",
  "ReaderEventNotificationData",
  "RegulatoryCapabilities",
]);

/** One client's connection as the reader sees it: frames in, frames out, keepalives. */
export class Session {
  readonly #socket: Socket;
  readonly #line: FlakyLine;
  readonly #flaws: SessionFlaws;
  readonly #random: Random;
  readonly #host: SessionHost;
  #nextId = 1;
  #keepalive: NodeJS.Timeout | undefined;
  #dropping: NodeJS.Timeout | undefined;
  #unanswered = 0;
  version: ProtocolVersion = 1;
  /** Events and reports wait until the client asks for them. */
  isHolding = false;

  constructor(socket: Socket, flaws: SessionFlaws, random: Random, host: SessionHost) {
    this.#socket = socket;
    this.#flaws = flaws;
    this.#random = random;
    this.#host = host;
    this.#line = new FlakyLine(socket, flaws, random.fork("line"));
    const splitter = new FrameSplitter({
      frame: (frame) => this.#take(frame),
      malformed: () => this.#complain(0, 100, "these bytes are no LLRP message"),
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk) => splitter.push(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      clearInterval(this.#keepalive);
      clearTimeout(this.#dropping);
      this.#host.closed(this);
    });
  }

  /** Sends on the reader's own initiative. */
  say<Name extends MessageName>(name: Name, content: MessageContent<Name>): void {
    const id = this.#nextId;
    this.#nextId += 1;
    this.answer(id, name, content);
  }

  /** Sends under the id of the request. */
  answer<Name extends MessageName>(id: number, name: Name, content: MessageContent<Name>): void {
    if (this.#socket.destroyed) return;
    const parameters = this.#flaws.customEverywhere
      ? this.#withCustoms(content.parameters ?? [])
      : content.parameters;
    const whole = parameters === undefined ? content : { ...content, parameters };
    const isOwn = this.#flaws.ownIds && name.endsWith("_RESPONSE");
    const header = { version: this.version, id: isOwn ? id + ownIdsFrom : id };
    this.#line.send(encodeMessage(message(header, name, whole)));
  }

  keepAlive(intervalMs: number): void {
    clearInterval(this.#keepalive);
    this.#unanswered = 0;
    if (intervalMs === 0) return;
    this.#keepalive = setInterval(() => this.#beat(), intervalMs);
  }

  sendRaw(bytes: Uint8Array): void {
    this.#line.send(Buffer.from(bytes));
  }

  stall(): void {
    this.#line.stall();
  }

  resume(): void {
    this.#line.resume();
  }

  /** Ends after what was sent has gone out. */
  end(): void {
    this.#line.end();
  }

  drop(): void {
    this.#socket.destroy();
  }

  dropAfter(ms: number): void {
    this.#dropping = setTimeout(() => this.drop(), ms);
  }

  #take(frame: Buffer): void {
    try {
      const request = decodeMessage(frame);
      if (request.name === "KEEPALIVE_ACK") this.#unanswered = 0;
      else this.#host.heard(this, request);
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      this.#complain(frame.readUInt32BE(6), 100, error.message);
    }
  }

  #complain(id: number, code: number, description: string): void {
    this.answer(id, "ERROR_MESSAGE", {
      fields: {},
      parameters: [statusParameter(plainRefusal(code, description))],
    });
  }

  #beat(): void {
    if (this.#unanswered > 0) this.#host.missedKeepalive();
    if (this.#unanswered >= missedKeepalivesMax) {
      this.drop();
      return;
    }
    this.#unanswered += 1;
    this.say("KEEPALIVE", { fields: {} });
  }

  #withCustoms(parameters: readonly Parameter[]): Parameter[] {
    const inner = parameters.map((one) =>
      takesCustoms.has(one.name) ? ({ ...one, nested: this.#withCustoms(one.nested) } as Parameter) : one,
    );
    const data = Uint8Array.from({ length: this.#random.whole(0, 8) }, () => this.#random.whole(0, 255));
    const subtype = this.#random.whole(1, 5000);
    return [...inner, parameter("Custom", { vendor: 4242, subtype, data })];
  }
}
