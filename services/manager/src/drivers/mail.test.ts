import { expect, test } from "vitest";
import { testMailServer } from "../test-mail-server.ts";
import { openMailer } from "./mail.ts";

const words = {
  title: "Warning: Zelte – fehlend (north)",
  text: "2 items are missing.\n.\n  Zelt Ä, since then",
};
const mail = { id: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10", to: "floor@example.com", words };

test("a mail arrives whole, under its id, and says that nobody wrote it", async () => {
  await using server = await testMailServer();
  const mailer = openMailer({ url: server.url, from: "Tagwire <tagwire@example.org>" });
  await mailer.send(mail);
  const [received] = server.received;
  expect(received).toMatchObject({ from: "tagwire@example.org", to: ["floor@example.com"] });
  expect(received?.headers.get("message-id")).toBe(`<${mail.id}@example.org>`);
  expect(received?.headers.get("subject")).toBe(words.title);
  expect(received?.headers.get("auto-submitted")).toBe("auto-generated");
  expect(received?.text.replaceAll("\r\n", "\n").trim()).toBe(words.text);
  await mailer.close();
});

test("no words end a header", async () => {
  await using server = await testMailServer();
  const mailer = openMailer({ url: server.url, from: "tagwire@example.org" });
  await mailer.send({ ...mail, words: { ...words, title: "a\r\nBcc: other@example.com" } });
  expect(server.received[0]?.to).toEqual(["floor@example.com"]);
  expect(server.received[0]?.headers.has("bcc")).toBe(false);
  await mailer.close();
});

test.each([
  { reply: 550, code: "mail.refused" },
  { reply: 451, code: "mail.unreachable" },
])("an answer of $reply is $code", async ({ reply, code }) => {
  await using server = await testMailServer();
  server.replies.push(reply);
  const mailer = openMailer({ url: server.url, from: "tagwire@example.org" });
  await expect(mailer.send(mail)).rejects.toMatchObject({ code });
  await mailer.close();
});

test("a server that is not there is tried again later", async () => {
  const mailer = openMailer({ url: "smtp://127.0.0.1:1", from: "tagwire@example.org" });
  await expect(mailer.send(mail)).rejects.toMatchObject({ code: "mail.unreachable", retryable: true });
  await mailer.close();
});
