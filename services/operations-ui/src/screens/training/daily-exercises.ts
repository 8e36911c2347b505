import type { WalkDirection } from "@tagwire/messages";
import { gatePlaces, practiceStations, scanNow } from "./school.ts";
import {
  begun,
  closing,
  type Exercise,
  inSession,
  is,
  nothingMade,
  oddTag,
  once,
  rented,
  rentOut,
  returned,
  type Step,
  setOf,
  tagsWith,
  type Wanted,
} from "./steps.ts";

/* What is done every day: out, back, delivered, counted, washed. */

/** Pushes the trolley through the gate. */
const walk = (direction: WalkDirection, button: string): Omit<Step, "say"> => {
  const place = gatePlaces[direction === "in" ? "inside" : "outside"];
  return {
    watch: `Each is seen ${direction === "in" ? "inside" : "outside"}, at ${place}.`,
    button,
    act: async (school, { tags }) => {
      await school.walk(direction, tags);
      return {};
    },
    tally: tagsWith((event) => is(event, "item.sighted") && setOf(event).place === place),
  };
};

export const checkout: Exercise = {
  id: "checkout",
  title: "Checkout at the gate",
  why: "Everything that leaves is scanned onto its contract, and is seen to leave.",
  steps: [
    {
      say: "Open a contract for four chairs and two tables, and begin its checkout.",
      watch: "A session is open at the checkout table.",
      button: "Begin the checkout",
      act: async (school) => {
        const contract = await school.open({ "Practice chair": 4, "Practice table": 2 });
        return { contract, session: await school.begin("checkout", { contract }) };
      },
      tally: begun,
    },
    {
      say: "Put the things of the contract on the table before the reader.",
      watch: "Each is rented in the session. A repeat counts once.",
      button: "Put them on the table",
      act: async (school, { contract }) => {
        const { tags } = await school.put({ station: practiceStations.checkout, contract });
        return { tags: tags.map(({ tag }) => tag) };
      },
      tally: tagsWith(rented),
    },
    { say: "Push the trolley out through the gate.", ...walk("out", "Walk out") },
    closing,
  ],
};

/** The same tags by another kind of scan, all on the exercise's contract. */
const scanAll =
  (type: "stage" | "delivery" | "pickup"): Step["act"] =>
  async (school, { tags, contract }) => {
    await school.scan(...tags.map((tag) => scanNow(tag, { type, contract })));
    return {};
  };
const onContract =
  (name: string): Wanted =>
  (event, { contract }) =>
    is(event, name) && event.contract === contract;
export const deliver: Exercise = {
  id: "delivery",
  title: "Staging, delivery and pickup",
  why: "What is set aside is nobody else's, and who has it is known at every step of the way.",
  steps: [
    {
      say: "Three chairs are to be delivered. Open their contract, and scan them as staged on it.",
      watch: "Each is set aside for this contract.",
      button: "Stage them",
      act: async (school) => {
        const tags = await school.ready("Practice chair", 3);
        const contract = await school.open({ "Practice chair": 3 });
        await scanAll("stage")(school, { ...nothingMade, tags, contract });
        return { contract, tags };
      },
      tally: tagsWith(onContract("item.staged")),
    },
    { say: "Load them: push the trolley out through the gate.", ...walk("out", "Load them") },
    {
      say: "At the customer's, scan them as delivered.",
      watch: "Each is with the customer, on the contract.",
      button: "Deliver them",
      act: scanAll("delivery"),
      tally: tagsWith(onContract("item.delivered")),
    },
    {
      say: "The event is over. Scan them as picked up.",
      watch: "Each is back from the contract, and ready.",
      button: "Pick them up",
      act: scanAll("pickup"),
      tally: tagsWith((event) => is(event, "item.returned") && setOf(event).status === "ready"),
    },
    { say: "Bring them in through the gate.", ...walk("in", "Bring them in") },
  ],
};

export const bringBack: Exercise = {
  id: "return",
  title: "Return with condition",
  why: "What comes back is ready again, unless somebody says what is wrong with it.",
  steps: [
    {
      say: "Four chairs are out on a contract. Begin its return.",
      watch: "The session expects the four.",
      button: "Begin the return",
      act: async (school) => {
        const out = await rentOut(school, 4);
        const session = await school.begin("return", { contract: out.contract ?? "" });
        const [odd = "", ...tags] = out.tags ?? [];
        return { ...out, session, tags, odd };
      },
      tally: begun,
    },
    {
      say: "Put three of them on the table.",
      watch: "Each is returned and ready.",
      button: "Put three on the table",
      act: async (school, { tags }) => {
        await school.put({ station: practiceStations.return, tags: [...tags] });
        return {};
      },
      tally: tagsWith((event, made) => returned(event, made) && setOf(event).status === "ready"),
    },
    {
      say: "The fourth is dirty. A reader cannot see that: scan it by hand, with its condition.",
      watch: "It is returned, and waits to be washed.",
      button: "Scan it as dirty",
      act: async (school, { odd, session, contract }) => {
        await school.scan(scanNow(odd, { type: "return", session, contract, condition: { dirty: true } }));
        return {};
      },
      tally: tagsWith((event, made) => returned(event, made) && setOf(event).status === "wash", oddTag),
    },
    closing,
  ],
};

export const count: Exercise = {
  id: "count",
  title: "Count",
  why: "A count says what is there, and so what is missing.",
  steps: [
    {
      say: "Begin a count of the practice tables.",
      watch: "The session expects every table that should be in the house.",
      button: "Begin the count",
      act: async (school) => ({ session: await school.begin("count", { class: "Practice table" }) }),
      tally: begun,
    },
    {
      say: "Put five tables before the reader.",
      watch: "Each is found. The others stay missing in the session.",
      button: "Put five before the reader",
      act: async (school) => {
        const tags = await school.ready("Practice table", 5);
        await school.put({ station: practiceStations.count, tags });
        return { tags };
      },
      tally: tagsWith((event, made) => is(event, "item.sighted", "item.found") && inSession(event, made)),
    },
    closing,
  ],
};

export const laundry: Exercise = {
  id: "laundry",
  title: "Laundry",
  why: "What goes to the cleaner is counted out and counted in, and the difference has a name.",
  steps: [
    {
      say: "Open a laundry contract, and put four pieces of linen on the laundry table.",
      watch: "Each is out on the contract.",
      button: "Put four on the table",
      act: async (school) => {
        const tags = await school.ready("Practice linen", 4);
        const contract = await school.open({}, "laundry");
        const session = await school.begin("laundry", { contract });
        await school.put({ station: practiceStations.laundry, tags });
        return { contract, session, tags };
      },
      tally: tagsWith(rented),
    },
    {
      say: "The cleaner picks them up.",
      watch: "The round is sent, on the screen Laundry too.",
      button: "Send them",
      act: async (school, { session, contract }) => {
        await school.take();
        await school.close(session);
        await school.contract(contract, "finalize");
        return {};
      },
      tally: once((event, { contract }) => is(event, "contract.finalized") && event.contract === contract),
    },
    {
      say: "Three of them come back.",
      watch: "Each is back from the contract.",
      button: "Put three on the table",
      act: async (school, { tags, contract }) => {
        const [odd = "", ...back] = tags;
        const session = await school.begin("laundry", { contract });
        await school.put({ station: practiceStations.laundry, tags: back });
        return { session, tags: back, odd };
      },
      tally: tagsWith(returned),
    },
    {
      say: "That is all the cleaner has brought: say so.",
      watch: "The screen Laundry names the piece that is missing.",
      button: "All is back",
      act: async (school, { session, contract }) => {
        await school.take();
        await school.close(session);
        await school.contract(contract, "returned");
        return {};
      },
      tally: once((event, { contract }) => is(event, "contract.returned") && event.contract === contract),
    },
  ],
};
