export const echoSubject = "bench.echo";

/** As long as the answer to one scan. */
export const echoReply = {
  ok: {
    receipts: [
      {
        id: "00000000-0000-7000-8000-000000000000",
        outcome: "accepted",
        replayed: false,
        event: { epoch: 1, pos: 100_000 },
        item: { tag: "E28011606000000000000000", status: "on_rent", version: 100 },
      },
    ],
  },
};
