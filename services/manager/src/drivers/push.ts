import { Fault } from "@tagwire/messages";
import webPush from "web-push";
import type { PushKey, PushTarget } from "../store/push-subscriptions.ts";
import type { PostBytes } from "./post-bytes.ts";

/** How long a push service keeps a message for a browser that is away, in seconds. */
const keptSeconds = 24 * 3_600;
/** A service takes at least 4,096 bytes of sealed body (RFC 8030 §7.2); sealing needs some of it. */
const payloadBytesMax = 3_000;

export type PushPayload = {
  /** Of the line in the ledger: a browser that has shown it already knows a repeat by it. */
  readonly id: string;
  readonly site: string;
  readonly what: string;
  readonly alert: string | null;
  readonly severity: string;
  readonly title: string;
  readonly text: string;
};

export type Push = {
  readonly target: PushTarget;
  readonly payload: PushPayload;
  /** A newer message of the same topic takes the place of one that waits. A UUID. */
  readonly topic: string;
};

/**
 * Sends one message to one browser, sealed for it alone (RFC 8291) and signed by this installation's key (RFC 8292).
 *
 * @throws Fault `push.unreachable`, to be tried again; `push.gone` and `push.refused` for good.
 */
export type Pusher = (push: Push) => Promise<void>;

/** A key pair by which push services know this installation. */
export const makePushKey = (): PushKey => webPush.generateVAPIDKeys();

/** The payload as JSON, its text cut so that it fits. */
const fitted = (payload: PushPayload): string => {
  const whole = JSON.stringify(payload);
  if (Buffer.byteLength(whole) <= payloadBytesMax) return whole;
  let roomBytes = payloadBytesMax - Buffer.byteLength(JSON.stringify({ ...payload, text: "…" }));
  let kept = "";
  // By characters, since half of one could not be sent; JSON writes some of them longer than they are.
  for (const character of payload.text) {
    roomBytes -= Buffer.byteLength(JSON.stringify(character)) - 2;
    if (roomBytes < 0) break;
    kept += character;
  }
  return JSON.stringify({ ...payload, text: `${kept}…` });
};

const faultOf = (status: number): Fault | undefined => {
  if (status >= 200 && status < 300) return undefined;
  if (status === 404 || status === 410) return new Fault("push.gone", "");
  const isForNow = status === 429 || status === 408 || status >= 500;
  return new Fault(isForNow ? "push.unreachable" : "push.refused", `answered ${status}`);
};

const textOf = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** `contact` is how a push service reaches whoever runs this: `mailto:` or https (RFC 8292 §2.1). */
export const openPusher =
  (options: {
    readonly key: () => Promise<PushKey>;
    readonly contact: string;
    readonly post: PostBytes;
  }): Pusher =>
  async ({ target, payload, topic }) => {
    const key = await options.key();
    let request: ReturnType<typeof webPush.generateRequestDetails>;
    try {
      request = webPush.generateRequestDetails(
        { endpoint: target.endpoint, keys: { p256dh: target.p256dh, auth: target.auth } },
        fitted(payload),
        {
          vapidDetails: { subject: options.contact, ...key },
          TTL: keptSeconds,
          urgency: payload.severity === "critical" ? "high" : "normal",
          topic: topic.replaceAll("-", ""),
          contentEncoding: "aes128gcm",
        },
      );
    } catch (cause) {
      // Keys that are no point of the curve: no later try will seal with them.
      throw new Fault("push.refused", "", { cause });
    }
    const { endpoint, headers, body } = request;
    const status = await options.post(endpoint, { headers: textOf(headers), body: body ?? Buffer.alloc(0) });
    const fault = faultOf(status);
    if (fault !== undefined) throw fault;
  };
