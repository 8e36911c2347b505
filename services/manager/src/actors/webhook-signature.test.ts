import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { secretBytes, secretOf, signedHeaders } from "./webhook-signature.ts";

/* What receivers have in their hands decides: the package of the specification itself. */

const secret = () => secretOf(randomBytes(secretBytes));

test("any text is verified by whoever has the secret, and by nobody else", () => {
  const [ours, other] = [secret(), secret()];
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const body = JSON.stringify({ value });
      const headers = signedHeaders({ id: "msg_1", body, atMs: Date.now() }, [ours]);
      expect(new Webhook(ours).verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => new Webhook(other).verify(body, headers)).toThrow("No matching signature");
      expect(() => new Webhook(ours).verify(`${body} `, headers)).toThrow("No matching signature");
      expect(() => new Webhook(ours).verify(body, { ...headers, "webhook-id": "msg_2" })).toThrow();
    }),
  );
});

test("while a secret is being changed, the old one and the new one both verify", () => {
  const [fresh, old] = [secret(), secret()];
  const body = "{}";
  const headers = signedHeaders({ id: "msg_1", body, atMs: Date.now() }, [fresh, old]);
  expect(headers["webhook-signature"].split(" ")).toHaveLength(2);
  for (const one of [fresh, old]) expect(new Webhook(one).verify(body, headers)).toEqual({});
  expect(() => new Webhook(secret()).verify(body, headers)).toThrow("No matching signature");
});

test("an old message is refused by its time, which is signed along", () => {
  const ours = secret();
  const headers = signedHeaders({ id: "msg_1", body: "{}", atMs: Date.now() - 3_600_000 }, [ours]);
  expect(() => new Webhook(ours).verify("{}", headers)).toThrow("too old");
  const now = String(Math.floor(Date.now() / 1_000));
  expect(() => new Webhook(ours).verify("{}", { ...headers, "webhook-timestamp": now })).toThrow(
    "No matching",
  );
});

test("the signature is the one that the specification works out", () => {
  const headers = signedHeaders(
    { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}', atMs: 1_614_265_330_000 },
    ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  );
  expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});
