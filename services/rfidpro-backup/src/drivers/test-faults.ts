import { type RfidproFault, type RfidproRow, seededRandom } from "@tagwire/emulators";

const always = 1_000_000;

/** Some of what may go wrong with a data set, drawn from a seed. Nothing of it is told to whoever pulls. */
export const drawFaults = (
  seed: number | string,
  {
    set,
    arriving,
    replacing,
  }: {
    readonly set: "items" | "transactions";
    readonly arriving: (number: number) => RfidproRow;
    /** One that comes when another goes; none goes without it. */
    readonly replacing?: (number: number) => RfidproRow;
  },
): RfidproFault[] => {
  const random = seededRandom(seed);
  const drawAct = (): RfidproFault =>
    random.pick<() => RfidproFault>([
      () => ({ act: "status", status: random.pick([500, 502, 503, 429]) }),
      () => ({ act: "unauthorized" }),
      () => ({ act: "truncated" }),
      () => ({ act: "reset", when: random.pick(["before", "middle"]) }),
      () => ({ act: "body", body: random.pick(["", "<html>", "[]", '{"totalcount":0,"data":[]}']) }),
      () => ({ act: "earlier-page", by: random.whole(1, 400), echo: random.pick(["asked", "given"]) }),
      () => ({ act: "move" }),
      () => ({ act: "arrive", rows: set === "items" ? [] : [arriving(random.whole(1, 1e6))] }),
      () => ({ act: "lose", rows: random.whole(1, 200), count: random.pick(["true", "false"]) }),
      () => ({ act: "count", by: random.whole(-30, 30) }),
      ...(replacing === undefined
        ? []
        : [
            (): RfidproFault => ({
              ...{ act: "replace", place: random.whole(0, 400) },
              row: replacing(random.whole(1, 1e6)),
            }),
          ]),
    ])();
  return Array.from({ length: random.whole(1, 4) }, () => ({
    ...drawAct(),
    on: { set },
    after: random.whole(0, 16),
    times: random.weighted([
      [1, 6],
      [3, 3],
      [always, 1],
    ]),
  }));
};
