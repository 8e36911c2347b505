import {
  type AuthorizationRequest,
  type ClaimsData,
  decode,
  encodeAuthorizationResponse,
  encodeUser,
} from "@nats-io/jwt";
import { fromSeed } from "@nats-io/nkeys";
import { ask, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskIsReaderKey,
  Fault,
  ReaderId,
  readerKeyPattern,
  readerPostSubject,
  SiteId,
} from "@tagwire/messages";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { hashOfKey } from "../floor/reader-key.ts";

/** Where nats-server asks who a client is that it does not know itself. */
const askedOn = "$SYS.REQ.USER.AUTH";
/** The account that all of Tagwire is in. */
const account = "$G";

export const mqttLimits = {
  /** A reader has to say again who it is after this, in s: so long may a key go on that was ended. */
  sessionSeconds: 15 * 60,
  messageBytesMax: 128 * 1_024,
} as const;

const isAddress = Compile(Type.Object({ site: SiteId, id: ReaderId }));

type Address = { readonly site: string; readonly id: string };

/** The reader that a user name means: `site/reader`. */
const addressOf = (user: string | undefined): Address | undefined => {
  const [site = "", id = "", ...more] = (user ?? "").split("/");
  const address = { site, id };
  return more.length === 0 && isAddress.Check(address) ? address : undefined;
};

/**
 * Answers nats-server who comes by MQTT: a reader, with `site/reader` as its user and its own key as its password. It may publish
 * what it reads, and nothing else: not hear, not ask, not publish for another one.
 *
 * `seed` is that of the account key whose public half the server's `auth_callout` names.
 */
export const openMqttCredentials = (bus: Bus, seed: string): Subscription => {
  const issuer = fromSeed(new TextEncoder().encode(seed));

  const isReader = async ({ nats }: ClaimsData<AuthorizationRequest>): Promise<Address | undefined> => {
    const { user, pass = "" } = nats.connect_opts ?? {};
    const address = addressOf(user);
    if (nats.client_info?.type !== "mqtt" || address === undefined || !readerKeyPattern.test(pass))
      return undefined;
    const { isKey } = await ask(bus, AskIsReaderKey, { ...address, key: hashOfKey(pass) });
    return isKey ? address : undefined;
  };
  const permit = ({ site, id }: Address, userKey: string): Promise<string> =>
    encodeUser(
      `${site}/${id}`,
      userKey,
      issuer,
      {
        pub: { allow: [readerPostSubject(site, id)], deny: [] },
        sub: { allow: [], deny: [">"] },
        payload: mqttLimits.messageBytesMax,
        allowed_connection_types: ["MQTT"],
      },
      { aud: account, exp: Math.floor(Date.now() / 1_000) + mqttLimits.sessionSeconds },
    );

  const answerTo = async (token: string): Promise<string> => {
    const request = decode<AuthorizationRequest>(token);
    const { user_nkey, server_id } = request.nats;
    if (user_nkey === undefined || server_id === undefined) throw new Fault("bus.malformed", askedOn);
    const respond = (answer: { jwt: string } | { error: string }) =>
      encodeAuthorizationResponse(user_nkey, server_id.id, issuer, answer, {});
    const address = await isReader(request).catch((err: unknown) => {
      // Who cannot be looked up now is not let in now; readers try again.
      bus.log.warn({ err: err instanceof Fault ? err.code : err }, "a reader's key could not be checked");
      return undefined;
    });
    if (address === undefined) return respond({ error: "not a reader with its key" });
    return respond({ jwt: await permit(address, user_nkey) });
  };

  const subscription = bus.connection.subscribe(askedOn, {
    queue: "reader-gateway",
    callback: (error, message) => {
      if (error !== null) return bus.log.error({ err: error }, "who readers are cannot be answered");
      answerTo(message.string()).then(
        (answer) => void message.respond(answer),
        (err: unknown) => bus.log.error({ err }, "a question about a reader could not be read"),
      );
    },
  });
  return { stop: () => subscription.drain() };
};
