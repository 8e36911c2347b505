import { practiceStations, scanNow } from "./school.ts";
import {
  begun,
  closing,
  type Exercise,
  inSession,
  is,
  oddTag,
  once,
  rented,
  rentOut,
  setOf,
  tagsWith,
} from "./steps.ts";

/* What comes up now and then: broken, new, lost, strange and mistaken things. */

export const service: Exercise = {
  id: "service",
  title: "Service and repair",
  why: "A broken thing is nobody's order until somebody says what was done to it.",
  steps: [
    {
      say: "A table wobbles: scan it into repair.",
      watch: "Its status is Repair, and it waits on the board Service.",
      button: "Scan into repair",
      act: async (school) => {
        const tags = await school.ready("Practice table", 1);
        await school.scan(...tags.map((tag) => scanNow(tag, { type: "service", status: "repair" })));
        return { tags };
      },
      tally: tagsWith((event) => is(event, "item.serviced") && setOf(event).status === "repair"),
    },
    {
      say: "Put it on the bench, where a session of service is open.",
      watch: "The reader says that it is there, and no more: what was done only a person knows.",
      button: "Put it on the bench",
      act: async (school, { tags }) => {
        const session = await school.begin("service");
        await school.put({ station: practiceStations.service, tags: [...tags] });
        return { session };
      },
      tally: tagsWith((event, made) => is(event, "item.sighted") && inSession(event, made)),
    },
    {
      say: "It is mended: scan it ready, and say what was done.",
      watch: "It is ready, and its timeline says by whom.",
      button: "Scan it ready",
      act: async (school, { tags, session }) => {
        const work = { status: "ready", technician: "Trainee", done: ["new screws"] } as const;
        await school.scan(
          ...tags.map((tag) => scanNow(tag, { type: "service", session, ...work, done: [...work.done] })),
        );
        return {};
      },
      tally: tagsWith((event) => is(event, "item.serviced") && setOf(event).status === "ready"),
    },
    closing,
  ],
};

export const commissioning: Exercise = {
  id: "commissioning",
  title: "Commissioning a new tag",
  why: "A tag that nobody knows is kept until somebody says what it is on.",
  steps: [
    {
      say: "A new tag comes before the reader.",
      watch: "Its scan is held, on the board Held scans too.",
      button: "Put a new tag there",
      act: async (school) => {
        const { tags } = await school.put({ station: practiceStations.count, unknown: 1 });
        return { tags: tags.slice(-1).map(({ tag }) => tag) };
      },
      tally: tagsWith((event) => is(event, "scan.quarantined")),
    },
    {
      say: "It is on a chair: put the chair into stock.",
      watch: "The chair is known from now on.",
      button: "Commission it",
      act: async (school, { tags: [tag = ""] }) => {
        await school.commission(tag);
        return {};
      },
      tally: tagsWith((event) => is(event, "item.created")),
    },
    {
      say: "Take it away. What was held for it is decided by now.",
      watch: "The scan that waited has become a sighting of the chair.",
      button: "Take it away",
      act: async (school) => {
        await school.take();
        return {};
      },
      tally: tagsWith((event) => is(event, "item.sighted")),
    },
  ],
};

export const finding: Exercise = {
  id: "find",
  title: "Find a thing",
  why: "A tag is louder the nearer it is: strength leads to what nobody sees.",
  finds: true,
  steps: [
    {
      say: "A chair is lost. Look for its tag while the reader passes the bench.",
      watch: "The bar shows how loud the tag is.",
      button: "Look for it",
      act: async (school) => {
        const tags = await school.ready("Practice chair", 1);
        await school.put({ station: practiceStations.service, tags });
        return { tags };
      },
      tally: ({ isHeard }) => ({ have: isHeard ? 1 : 0, want: 1 }),
    },
  ],
};

export const strays: Exercise = {
  id: "strays",
  title: "Unexpected and unknown tags",
  why: "What is not on the contract is shown, not hidden, and nothing is lost.",
  steps: [
    {
      say: "Begin a checkout of two chairs.",
      watch: "The session expects two.",
      button: "Begin the checkout",
      act: async (school) => {
        const contract = await school.open({ "Practice chair": 2 });
        return { contract, session: await school.begin("checkout", { contract }) };
      },
      tally: begun,
    },
    {
      say: "Somebody puts a piece of linen with them, which is not on the contract.",
      watch: "It goes out too, and the session shows it as unexpected.",
      button: "Put it with them",
      act: async (school, { contract }) => {
        const [linen = ""] = await school.ready("Practice linen", 1);
        const { tags } = await school.put({ station: practiceStations.checkout, contract, tags: [linen] });
        return { odd: linen, tags: tags.map(({ tag }) => tag) };
      },
      tally: tagsWith(rented),
    },
    {
      say: "And a tag that nobody knows.",
      watch: "Its scan is held. It stands in nobody's way.",
      button: "Put it there",
      act: async (school) => {
        await school.put({ station: practiceStations.checkout, unknown: 1 });
        return {};
      },
      tally: once((event, made) => is(event, "scan.quarantined") && inSession(event, made)),
    },
    {
      say: "Take all away, and scan the linen back.",
      watch: "The linen is ready again.",
      button: "Scan it back",
      act: async (school, { odd, contract }) => {
        await school.take();
        await school.scan(scanNow(odd, { type: "return", contract }));
        return {};
      },
      tally: tagsWith((event) => is(event, "item.returned"), oddTag),
    },
    closing,
  ],
};

export const undo: Exercise = {
  id: "undo",
  title: "Undo a mistake",
  why: "A mistake is taken back by a new event: both stay in the record.",
  steps: [
    {
      say: "Scan a chair onto the wrong contract.",
      watch: "It is on rent.",
      button: "Make the mistake",
      act: (school) => rentOut(school, 1),
      tally: tagsWith((event) => is(event, "item.rented")),
    },
    {
      say: "Take the scan back.",
      watch: "It is ready as before, and its timeline shows both.",
      button: "Undo it",
      act: async (school, { scans }) => {
        await school.undo(scans);
        return {};
      },
      tally: tagsWith((event) => is(event, "item.undone")),
    },
  ],
};
