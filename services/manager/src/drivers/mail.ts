import { Fault } from "@tagwire/messages";
import { createTransport } from "nodemailer";
import type { Words } from "../actors/alert-words.ts";

/** How long a mail server may take to be reached, and to greet, in ms. */
const connectTimeoutMs = 10_000;
/**
 * And to say the next word: one that looks through a mail before it takes it needs a while (RFC 5321 §4.5.3.2.6), and who gives up sends it
 * twice. Whoever tests a rule waits half a minute.
 */
const silenceTimeoutMs = 25_000;
/** Connections to the mail server at once. */
export const mailConnectionsMax = 2;

export type Mail = { readonly id: string; readonly to: string; readonly words: Words };

export type Mailer = {
  /**
   * Hands one message to the mail server. The same id is the same `Message-ID`, by which mail programs know a repeat.
   *
   * @throws Fault `mail.unreachable`, to be tried again; `mail.refused` for good.
   */
  readonly send: (mail: Mail) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type MailSettings = {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string;
  readonly from: string;
};

/** Replies of the 5yz kind are for good (RFC 5321 §4.2.1); an unknown password will not be right the next time either. */
const isForGood = (error: unknown): boolean => {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
  return (
    (typeof responseCode === "number" && responseCode >= 500) || code === "EAUTH" || code === "EENVELOPE"
  );
};

const domainOf = (from: string): string => /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? "localhost";

/** Sends mail by SMTP. Nothing connects before there is something to send. */
export const openMailer = ({ url, from }: MailSettings): Mailer => {
  const transport = createTransport(
    {
      url,
      pool: true,
      maxConnections: mailConnectionsMax,
      connectionTimeout: connectTimeoutMs,
      greetingTimeout: connectTimeoutMs,
      socketTimeout: silenceTimeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
  return {
    send: async ({ id, to, words }) => {
      try {
        await transport.sendMail({
          messageId: `<${id}@${domainOf(from)}>`,
          to,
          subject: words.title,
          text: `${words.text}\n`,
          // RFC 3834: nobody's absence should answer it.
          headers: { "Auto-Submitted": "auto-generated" },
        });
      } catch (cause) {
        throw new Fault(isForGood(cause) ? "mail.refused" : "mail.unreachable", "", { cause });
      }
    },
    close: async () => transport.close(),
  };
};
