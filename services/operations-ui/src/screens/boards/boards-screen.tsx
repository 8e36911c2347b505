import type { ComponentType } from "react";
import { go, routeText, useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { ContractScreen } from "./contract-screen.tsx";
import { ContractsBoard } from "./contracts-board.tsx";
import { HeldBoard } from "./held-board.tsx";
import { IdleBoard } from "./idle-board.tsx";
import { LagBoard } from "./lag-board.tsx";
import { OddScansBoard } from "./odd-scans-board.tsx";
import { QueuesBoard } from "./queues-board.tsx";
import { SessionsBoard } from "./sessions-board.tsx";
import { StaleBoard } from "./stale-board.tsx";
import { ThroughputBoard } from "./throughput-board.tsx";
import { UtilisationBoard } from "./utilisation-board.tsx";

/** Every board. Another one is another entry. */
const boards = {
  contracts: { word: "Contracts", Shown: ContractsBoard },
  sessions: { word: "Sessions", Shown: SessionsBoard },
  queues: { word: "Service", Shown: QueuesBoard },
  throughput: { word: "Throughput", Shown: ThroughputBoard },
  utilisation: { word: "Utilisation", Shown: UtilisationBoard },
  idle: { word: "Idle", Shown: IdleBoard },
  stale: { word: "Not seen", Shown: StaleBoard },
  odd: { word: "Odd scans", Shown: OddScansBoard },
  held: { word: "Held scans", Shown: HeldBoard },
  lag: { word: "Lag", Shown: LagBoard },
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
  return (
    <div className="grid gap-3 p-3 sm:gap-4 sm:p-4">
      <nav aria-label="Boards" className="flex gap-1 overflow-x-auto">
        {Object.entries(boards).map(([name, { word }]) => {
          const where = {
            site: site.id,
            screen: "boards",
            query: new URLSearchParams({ board: name }),
          } as const;
          return (
            <a
              key={name}
              href={routeText(where)}
              aria-current={name === board ? "page" : undefined}
              className="hit inline-flex shrink-0 items-center rounded-md px-3 text-sm font-semibold text-soft hover:bg-raised hover:text-ink aria-[current=page]:bg-raised aria-[current=page]:text-ink"
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey) return;
                event.preventDefault();
                go(where);
              }}
            >
              {word}
            </a>
          );
        })}
      </nav>
      {contract === null ? <Shown key={board} /> : <ContractScreen key={contract} number={contract} />}
    </div>
  );
};
