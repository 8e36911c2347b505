import type { ContractRow, StateTrip, Trip, TripLeg, TripStatus } from "@tagwire/messages";
import { useRef, useState } from "react";
import { uuidv7 } from "uuidv7";
import { stateTrip } from "../../api/contracts.ts";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { legWords, tripText, tripWords } from "../../words/contracts.ts";
import { countOf, instantText } from "../../words/time.ts";
import { useAct } from "../use-act.ts";

const legs: readonly TripLeg[] = ["delivery", "pickup"];
const statusesOf: Record<TripLeg, readonly TripStatus[]> = {
  delivery: ["scheduled", "out_for_delivery", "delivered", "failed", "rescheduled"],
  pickup: ["scheduled", "out_for_pickup", "picked_up", "failed", "rescheduled"],
};
const isOver = (status: TripStatus): boolean => status === "delivered" || status === "picked_up";

/** How a contract is brought and fetched. */
export const ContractTrips = ({ row }: { row: ContractRow }) => (
  <div className="grid gap-3 px-4 pb-4 sm:px-5 lg:grid-cols-2">
    {legs.map((leg) => (
      <Leg key={leg} {...{ leg, number: row.number }} trip={row.trips?.[leg]} />
    ))}
  </div>
);

const Leg = ({ leg, number, trip }: { leg: TripLeg; number: string; trip: Trip | undefined }) => {
  const { timeZone } = useSite();
  const [isOpen, setOpen] = useState(false);
  return (
    <section
      aria-label={legWords[leg]}
      className="grid content-start gap-1 rounded-md border border-line p-3 text-sm"
    >
      <div className="flex flex-wrap items-center gap-x-3">
        <h3 className="font-semibold">{legWords[leg]}</h3>
        <span>{trip === undefined ? "Nothing planned" : tripText(trip)}</span>
        <Button
          kind="quiet"
          className="-mr-3 ml-auto"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Not now" : `Change the ${leg}`}
        </Button>
      </div>
      {trip?.promisedAt != null && <p>Promised for {instantText(trip.promisedAt, timeZone)}</p>}
      {trip?.actualAt != null && (
        <p>
          {tripWords[trip.status]} at {instantText(trip.actualAt, timeZone)}
        </p>
      )}
      {trip?.notes != null && <p className="break-words">“{trip.notes}”</p>}
      {isOpen && <LegForm {...{ leg, number, trip }} onDone={() => setOpen(false)} />}
    </section>
  );
};

type FormProps = { leg: TripLeg; number: string; trip: Trip | undefined; onDone: () => void };

/** The instant of a local time as a browser writes it; this device stands in the warehouse. */
const instantOf = (local: string): string => new Date(local).toISOString();

const LegForm = ({ leg, number, trip, onDone }: FormProps) => {
  const site = useSite();
  const act = useAct();
  const id = useRef(uuidv7());
  const [status, setStatus] = useState<TripStatus>(trip?.status ?? "scheduled");
  const [promised, setPromised] = useState("");
  const [truck, setTruck] = useState(trip?.truck ?? "");
  const [number_, setNumber] = useState(trip?.trip ?? "");
  const [notes, setNotes] = useState(trip?.notes ?? "");
  const [items, setItems] = useState(false);
  const [said, setSaid] = useState<string>();
  const save = async () => {
    const state: StateTrip & { items?: boolean } = {
      ...(status === trip?.status ? {} : { status }),
      ...(promised === "" ? {} : { promisedAt: instantOf(promised) }),
      truck: truck.trim() === "" ? null : truck.trim(),
      trip: number_.trim() === "" ? null : number_.trim(),
      notes: notes.trim() === "" ? null : notes.trim(),
      ...(items && isOver(status) && status !== trip?.status ? { items } : {}),
    };
    const answer = await act.run(() => stateTrip(site.id, { number, leg, id: id.current, state }));
    // Whatever is pressed next is another request, unless nobody knows what became of this one.
    if (answer === undefined) return;
    id.current = uuidv7();
    const refused = answer.receipts.filter(({ outcome }) => outcome === "rejected").length;
    if (refused === 0) onDone();
    else setSaid(`${countOf(refused, "thing")} could not go along.`);
  };
  return (
    <form
      aria-label={`Change the ${leg}`}
      className="grid gap-3 pt-2 sm:grid-cols-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onChange={() => {
        id.current = uuidv7();
      }}
    >
      <SelectField
        label="Status"
        value={status}
        onChange={(event) => setStatus(event.target.value as TripStatus)}
      >
        {statusesOf[leg].map((each) => (
          <option key={each} value={each}>
            {tripWords[each]}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Promised for"
        type="datetime-local"
        value={promised}
        onChange={(event) => setPromised(event.target.value)}
      />
      <TextField
        label="Truck"
        maxLength={40}
        value={truck}
        onChange={(event) => setTruck(event.target.value)}
      />
      <TextField
        label="Trip"
        maxLength={40}
        value={number_}
        onChange={(event) => setNumber(event.target.value)}
      />
      <TextField
        label="Notes"
        maxLength={500}
        value={notes}
        onChange={(event) => setNotes(event.target.value)}
      />
      {isOver(status) && (
        <label className="hit flex items-center gap-2 font-semibold">
          <input
            type="checkbox"
            className="size-5"
            checked={items}
            onChange={(event) => setItems(event.target.checked)}
          />
          Everything on it went along
        </label>
      )}
      <Button kind="primary" type="submit" className="justify-self-start" disabled={act.busy}>
        Save the {leg}
      </Button>
      <WrongSaid wrong={act.wrong} />
      {said !== undefined && <p role="status">{said}</p>}
    </form>
  );
};
