import type { MigrationStage } from "@tagwire/messages";
import { useState } from "react";
import { uuidv7 } from "uuidv7";
import { moveMigration, type SiteMigration } from "../../api/migration.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import { stageWords } from "../../words/migration.ts";

type Props = { migration: SiteMigration; busy: boolean; onMoved: (migration: SiteMigration) => void };

/**
 * The step on, which is asked once more before it is taken, and wants a reason where a gate is not met; and the step back, which is one click:
 * whoever needs it needs it now, and the way on is there again afterwards.
 */
export const MigrationMoves = ({ migration, busy, onMoved }: Props) => {
  // It is made with the question, so that two presses are one step.
  const [id, setId] = useState<string>();
  if (id !== undefined)
    return <Confirm id={id} migration={migration} onMoved={onMoved} onLeave={() => setId(undefined)} />;
  const { next, held, stage, since } = migration;
  return (
    <div className="flex flex-wrap gap-2">
      {next !== null && (
        <Button
          disabled={busy}
          kind={held.length === 0 ? "primary" : "outline"}
          onClick={() => setId(uuidv7())}
        >
          {held.length === 0 ? "Go on" : "Go on all the same"}: {stageWords[next].word}…
        </Button>
      )}
      {stage !== "parallel" && <TakeBack key={`${stage} ${since}`} from={stage} onMoved={onMoved} />}
    </div>
  );
};

const TakeBack = ({ from, onMoved }: Pick<Props, "onMoved"> & { from: MigrationStage }) => {
  const site = useSite();
  const [id] = useState(uuidv7);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const back = async (): Promise<void> => {
    setBusy(true);
    const answer = await moveMigration(site.id, { from, direction: "rollback", id });
    setBusy(false);
    if (answer.kind === "refused") setWrong(answer.refusal.message);
    if (answer.kind === "ok") onMoved(answer.value);
  };
  return (
    <>
      <Button disabled={busy} onClick={() => void back()}>
        Take it back now
      </Button>
      <span className="self-center text-sm text-soft">
        One step back. Nothing that was scanned is lost, and it can be gone on again.
      </span>
      {wrong !== undefined && (
        <p role="alert" className="w-full text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
    </>
  );
};

type ConfirmProps = Omit<Props, "busy"> & { id: string; onLeave: () => void };

const Confirm = ({ id, migration, onMoved, onLeave }: ConfirmProps) => {
  const site = useSite();
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const isForced = migration.held.length > 0;
  const reason = why.trim();

  const move = async (): Promise<void> => {
    setBusy(true);
    const answer = await moveMigration(site.id, {
      ...{ from: migration.stage, direction: "advance" as const, id },
      ...(reason === "" ? {} : { why: reason }),
      ...(isForced ? { force: true as const } : {}),
    });
    setBusy(false);
    if (answer.kind === "refused") setWrong(answer.refusal.message);
    if (answer.kind === "ok") onMoved(answer.value);
  };

  return (
    <form
      aria-label="Go on"
      className="grid gap-3 rounded-md border border-edge p-3"
      onSubmit={(event) => {
        event.preventDefault();
        void move();
      }}
    >
      <p className="text-sm font-semibold">
        {isForced
          ? "Not everything that this step waits for is met. It is kept that you went on all the same, with what was measured and why."
          : "Everything that this step waits for is met. It can be taken back at any time."}
      </p>
      <TextField
        label={isForced ? "Why" : "Why (if you like)"}
        hint="Kept in the log of the site."
        value={why}
        maxLength={1_000}
        onChange={(event) => setWhy(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" disabled={busy || (isForced && reason === "")}>
          Go on now
        </Button>
        <Button disabled={busy} onClick={onLeave}>
          Leave it
        </Button>
      </div>
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
    </form>
  );
};
