import { Check, LoaderCircle, OctagonAlert, TriangleAlert, Undo2 } from "lucide-react";
import { memo, useMemo } from "react";
import { useView } from "../live/use-live.ts";
import { Button } from "../look/button.tsx";
import { toneText } from "../look/tone.ts";
import type { Command } from "../outbox/command.ts";
import { oddKeptMax } from "../outbox/odd-kept.ts";
import { rowOf } from "../outbox/rows.ts";
import { useResults } from "../scan/results.ts";
import { rowShown } from "../scan/shown.ts";
import { useOutbox, useSettings, useStation } from "../scan/station.ts";
import { useSite } from "../site-context.ts";
import { actWord, doneWord, oddWords } from "../words/lane.ts";
import { countOf, countText } from "../words/time.ts";
import { type Around, actKey, actsFor } from "./acts.ts";
import { oddKindOf } from "./kinds.ts";
import { canUndo } from "./progress.ts";
import { classesLately, type LaneGroup, laneOf, sameAct } from "./shown.ts";
import { useUnexpected } from "./use-unexpected.ts";
import type { LaneAct } from "./work.ts";

/** Of each kind so many are shown one by one; the others come up as those are done. */
const shownMax = 12;
const settledShown = 5;
/** The last scans by which is guessed what a tag that nobody knows may be on. */
const classesOf = 30;

/** What is known around the scans of this device at this site. */
const useAround = (): Around => {
  const { rows } = useResults();
  const settings = useSettings();
  const items = useView(useSite().id, "items").rows;
  const classes = useMemo(
    () =>
      classesLately(
        rows.slice(0, classesOf).map(({ receipt, scan }) => {
          const known = items.get(receipt?.item?.tag ?? scan.tag)?.class;
          return typeof known === "string" ? known : undefined;
        }),
      ),
    [rows, items],
  );
  const key = JSON.stringify([settings.contract, classes.slice(0, 2)]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same things are known around most scans, and then nothing is drawn anew
  return useMemo(() => ({ contract: settings.contract, classes }), [key]);
};

/**
 * Scans that did not go straight, beside the list of all: what is odd, how many, and what can be done about it with one press. Nothing here
 * ever stands between two scans.
 */
export const LanePanel = () => {
  const station = useStation();
  const site = useSite();
  const { attention, odd } = useOutbox();
  const around = useAround();
  useUnexpected();
  const lane = useMemo(
    () => laneOf([...attention, ...odd], site.id, around),
    [attention, odd, site.id, around],
  );
  const choose = (commands: readonly Command[], act: LaneAct): void =>
    void station.lane.choose(commands, (command) => sameAct(command, act, around));
  if (lane.open === 0 && lane.settled.length === 0)
    return <p className="py-3 text-sm text-soft">Everything goes straight so far.</p>;
  return (
    <div className="grid gap-3">
      {odd.length >= oddKeptMax && (
        <p role="alert" className="text-sm font-semibold text-missing">
          The lane is full: what is odd from now on is on record, and not kept here.
        </p>
      )}
      {lane.groups.map((group) => (
        <Group key={group.kind} group={group} around={around} onChoose={choose} />
      ))}
      {lane.settled.length > 0 && <Settled commands={lane.settled} />}
    </div>
  );
};

type GroupProps = {
  readonly group: LaneGroup;
  readonly around: Around;
  readonly onChoose: (commands: readonly Command[], act: LaneAct) => void;
};

const Group = ({ group: { kind, commands, acts }, around, onChoose }: GroupProps) => {
  const { word, tone } = oddWords[kind];
  return (
    <section aria-label={word} className="rounded-md border border-line p-3">
      <h4 className={`flex items-center gap-2 font-semibold ${toneText[tone]}`}>
        <TriangleAlert aria-hidden="true" className="size-5 shrink-0" />
        {word}
        <span className="ml-auto text-ink tabular-nums">{countText(commands.length)}</span>
      </h4>
      {acts.length > 0 && (
        <div className="flex flex-wrap gap-2 pt-2">
          {acts.map((act) => (
            <Button key={actKey(act)} className="hit-large" onClick={() => onChoose(commands, act)}>
              All {countText(commands.length)}: {actWord(act, kind)}
            </Button>
          ))}
        </div>
      )}
      <ul>
        {commands.slice(0, shownMax).map((command) => (
          <Entry key={command.id} command={command} around={around} onChoose={onChoose} />
        ))}
      </ul>
      {commands.length > shownMax && (
        <p className="pt-2 text-sm text-soft">And {countOf(commands.length - shownMax, "more scan")}.</p>
      )}
    </section>
  );
};

const plain = { times: 1, isInFlight: false, isHeld: false };

const Entry = memo(
  ({ command, around, onChoose }: Omit<GroupProps, "group"> & { command: Command }) => {
    const kind = oddKindOf(command);
    if (kind === undefined) return null;
    const { note } = rowShown(rowOf(command, plain), []);
    const tag = command.receipt?.item?.tag ?? command.payload.tag;
    return (
      <li className="grid gap-2 border-t border-line py-3 text-sm first:border-t-0">
        <div className="min-w-0">
          <p className="truncate font-mono text-xs leading-5">{tag}</p>
          <p className="text-soft">{note}</p>
          {command.lane?.wrong !== undefined && (
            <p role="alert" className="font-semibold text-missing">
              {command.lane.wrong}
            </p>
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          {actsFor(command, around).map((act, index) => (
            <Button
              key={actKey(act)}
              kind={index === 0 ? "outline" : "quiet"}
              className="hit-large"
              aria-label={`${actWord(act, kind)}, ${tag}`}
              onClick={() => onChoose([command], act)}
            >
              {actWord(act, kind)}
            </Button>
          ))}
        </div>
      </li>
    );
  },
  (before, after) => before.command === after.command && before.around === after.around,
);

const Settled = ({ commands }: { commands: readonly Command[] }) => {
  const station = useStation();
  const done = commands.filter(({ lane }) => lane?.state === "done");
  return (
    <section aria-label="Done about them" className="rounded-md bg-sunken p-3">
      <div className="flex items-center gap-2">
        <h4 className="text-sm font-semibold text-soft">Done about them</h4>
        {done.length > 0 && (
          <Button
            kind="quiet"
            className="hit-large -mr-3 ml-auto"
            onClick={() => void station.lane.forget(done)}
          >
            Clear
          </Button>
        )}
      </div>
      <ul>
        {commands.slice(0, settledShown).map((command) => (
          <SettledRow key={command.id} command={command} />
        ))}
      </ul>
    </section>
  );
};

const SettledRow = ({ command }: { command: Command }) => {
  const station = useStation();
  const kind = oddKindOf(command);
  const { lane } = command;
  if (lane === undefined || kind === undefined) return null;
  const isDone = lane.state === "done";
  const Icon = lane.wrong !== undefined ? OctagonAlert : isDone ? Check : LoaderCircle;
  const tag = command.receipt?.item?.tag ?? command.payload.tag;
  return (
    <li className="grid grid-cols-[1.5rem_1fr_auto] items-center gap-x-2 border-t border-line py-2 text-sm first:border-t-0">
      <Icon aria-hidden="true" className="size-5 text-soft" />
      <div className="min-w-0">
        <p className="truncate font-mono text-xs leading-5">{tag}</p>
        <p>
          {lane.state === "undoing"
            ? "Being taken back."
            : isDone
              ? doneWord(lane.act, kind)
              : `${actWord(lane.act, kind)}: saved here, not confirmed yet.`}
        </p>
        {lane.wrong !== undefined && (
          <p role="alert" className="font-semibold text-missing">
            {lane.wrong}
          </p>
        )}
      </div>
      {canUndo(command) && (
        <Button
          kind="quiet"
          className="hit-large"
          aria-label={`Undo, ${tag}`}
          onClick={() => void station.lane.undo(command)}
        >
          <Undo2 aria-hidden="true" className="size-4" />
          Undo
        </Button>
      )}
    </li>
  );
};
