import { type ComponentType, lazy, Suspense, useEffect, useRef } from "react";
import { Waiting } from "../../look/panel.tsx";
import { useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { fetchPart } from "../late-part.ts";
import { PlaceLink } from "../place-link.tsx";
import { ContractScreen } from "./contract-screen.tsx";
import { ContractsBoard } from "./contracts-board.tsx";
import { HeldBoard } from "./held-board.tsx";
import { IdleBoard } from "./idle-board.tsx";
import { LagBoard } from "./lag-board.tsx";
import { NamesBoard } from "./names-board.tsx";
import { OddScansBoard } from "./odd-scans-board.tsx";
import { QueuesBoard } from "./queues-board.tsx";
import { ResaleBoard } from "./resale-board.tsx";
import { SessionsBoard } from "./sessions-board.tsx";
import { StaleBoard } from "./stale-board.tsx";
import { ThroughputBoard } from "./throughput-board.tsx";
import { UtilisationBoard } from "./utilisation-board.tsx";

/* Whoever looks at a list of contracts has no use for what draws plans. */
const PlanBoard = lazy(async () => ({
  default: (await fetchPart(() => import("../plan/plan-board.tsx"))).PlanBoard,
}));

/** Every board. Another one is another entry. */
const boards = {
  contracts: { word: "Contracts", Shown: ContractsBoard },
  sessions: { word: "Sessions", Shown: SessionsBoard },
  queues: { word: "Service", Shown: QueuesBoard },
  throughput: { word: "Throughput", Shown: ThroughputBoard },
  utilisation: { word: "Utilisation", Shown: UtilisationBoard },
  idle: { word: "Idle", Shown: IdleBoard },
  resale: { word: "Resale", Shown: ResaleBoard },
  stale: { word: "Not seen", Shown: StaleBoard },
  odd: { word: "Odd scans", Shown: OddScansBoard },
  held: { word: "Held scans", Shown: HeldBoard },
  lag: { word: "Delay", Shown: LagBoard },
  names: { word: "Names", Shown: NamesBoard },
  plan: { word: "Floor plan", Shown: PlanBoard },
} as const satisfies Record<string, { word: string; Shown: ComponentType }>;

type Board = keyof typeof boards;
const isBoard = (name: string | null): name is Board => name !== null && Object.hasOwn(boards, name);

/** What a manager looks at. Each board follows its view while it is looked at, and moves by itself. */
export const BoardsScreen = () => {
  const site = useSite();
  const { query } = useRoute();
  const asked = query.get("board");
  const board = isBoard(asked) ? asked : "contracts";
  const contract = board === "contracts" ? query.get("contract") : null;
  const { Shown } = boards[board];
  const strip = useRef<HTMLElement>(null);
  // On a phone the strip shows three boards of twelve: without this nobody sees which one is open. Sideways only, the page stays.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the link that is current follows from the board
  useEffect(() => {
    const here = strip.current?.querySelector('[aria-current="page"]')?.getBoundingClientRect();
    const around = strip.current?.getBoundingClientRect();
    if (here === undefined || around === undefined) return;
    strip.current?.scrollBy({ left: here.left + here.width / 2 - (around.left + around.width / 2) });
  }, [board]);
  return (
    <div className="grid gap-3 p-3 sm:gap-4 sm:p-4">
      <nav ref={strip} aria-label="Boards" className="flex gap-1 overflow-x-auto sm:flex-wrap">
        {Object.entries(boards).map(([name, { word }]) => {
          const where = {
            site: site.id,
            screen: "boards",
            query: new URLSearchParams({ board: name }),
          } as const;
          return (
            <PlaceLink
              key={name}
              place={where}
              aria-current={name === board ? "page" : undefined}
              className="hit inline-flex shrink-0 items-center rounded-md px-3 text-sm font-semibold text-soft sm:px-2 xl:px-3 hover:bg-raised hover:text-ink aria-[current=page]:bg-raised aria-[current=page]:text-ink"
            >
              {word}
            </PlaceLink>
          );
        })}
      </nav>
      <Suspense fallback={<Waiting>Fetching the board…</Waiting>}>
        {contract === null ? <Shown key={board} /> : <ContractScreen key={contract} number={contract} />}
      </Suspense>
    </div>
  );
};
