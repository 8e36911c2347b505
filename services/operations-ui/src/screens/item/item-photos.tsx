import type { Photo } from "@tagwire/messages";
import { useCallback, useEffect, useState } from "react";
import { uuidv7 } from "uuidv7";
import { addPhoto, deletePhoto, fetchPhotos } from "../../api/photos.ts";
import { Button, buttonClass } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { photoAddress } from "../../words/photo-address.ts";
import { instantText } from "../../words/time.ts";
import { useAct } from "../use-act.ts";
import { smallPicture } from "./small-picture.ts";

type Props = {
  tag: string;
  /** Changes when something happened to the item. */
  news: number;
};

/** Photos of an item, of its newest event: what somebody found on it when it came back. */
export const ItemPhotos = ({ tag, news }: Props) => {
  const site = useSite();
  const act = useAct();
  const [photos, setPhotos] = useState<readonly Photo[]>([]);
  const [unread, setUnread] = useState<string>();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const answer = await fetchPhotos(site.id, tag, signal);
      if (!signal.aborted && answer.kind === "ok") setPhotos(answer.value.data);
    },
    [site.id, tag],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: news are the reason to read
  useEffect(() => {
    const leave = new AbortController();
    void load(leave.signal);
    return () => leave.abort();
  }, [load, news]);
  const add = async (file: File): Promise<void> => {
    const picture = await smallPicture(file);
    setUnread(picture === undefined ? "This file is no picture that can be read." : undefined);
    if (picture === undefined) return;
    const added = await act.run(() => addPhoto(site.id, { tag, id: uuidv7(), pos: undefined, picture }));
    if (added !== undefined) setPhotos((before) => [added, ...before]);
  };
  const remove = async (id: string, reason: string): Promise<void> => {
    const gone = await act.run(() => deletePhoto(site.id, { tag, id, reason }));
    if (gone !== undefined) setPhotos((before) => before.filter((photo) => photo.id !== id));
  };
  return (
    <section aria-label="Photos" className="grid gap-3 px-4 pt-5 sm:px-6">
      <div className="flex items-center gap-3">
        <h3 className="text-base font-semibold">Photos</h3>
        <label className={`${buttonClass("outline")} ml-auto focus-within:outline-2`}>
          Add a photo
          <input
            type="file"
            accept="image/jpeg,image/png,image/webp"
            capture="environment"
            className="sr-only"
            disabled={act.busy}
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              event.target.value = "";
              if (file !== undefined) void add(file);
            }}
          />
        </label>
      </div>
      <WrongSaid wrong={unread ?? act.wrong} />
      {photos.length > 0 && (
        <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3">
          {photos.map((photo) => (
            <Shown key={photo.id} photo={photo} isBusy={act.busy} onDelete={remove} />
          ))}
        </ul>
      )}
    </section>
  );
};

type ShownProps = {
  photo: Photo;
  isBusy: boolean;
  onDelete: (id: string, reason: string) => Promise<void>;
};

const Shown = ({ photo, isBusy, onDelete }: ShownProps) => {
  const { id: site, timeZone } = useSite();
  const [isAsked, setAsked] = useState(false);
  const [reason, setReason] = useState("");
  const address = photoAddress(site, photo.sha256);
  const taken = `${instantText(photo.at, timeZone)} by ${byText(photo.by)}`;
  return (
    <li className="grid content-start gap-1 text-xs text-soft">
      <a href={address} target="_blank" rel="noreferrer">
        <img src={address} alt={`Taken ${taken}`} className="w-full rounded-md" />
      </a>
      <span>{taken}</span>
      {isAsked ? (
        <>
          <TextField
            label="Why it is deleted"
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button
            disabled={isBusy || reason.trim() === ""}
            onClick={() => void onDelete(photo.id, reason.trim())}
          >
            Delete it
          </Button>
        </>
      ) : (
        <Button kind="quiet" onClick={() => setAsked(true)}>
          Delete…
        </Button>
      )}
    </li>
  );
};
