import { tagSetDigest } from "@tagwire/digest";
import type { FileRow, MonthAct, Warehouse, WarehouseContract, WarehouseScan } from "@tagwire/emulators";
import {
  type ContractAct,
  type ContractLine,
  newId,
  normaliseTag,
  type PatchItem,
  type Scan,
} from "@tagwire/messages";
import type { Act } from "./actors/act.ts";
import { traceparent } from "./actors/test-acts.ts";

type ScanSession = Extract<MonthAct, { kind: "scan-session" }>;

/** As many scans as one turn of a busy site has. */
const scansPerTurnMax = 500;
const itemsPerTurn = 500;
const fromScansAlone: ReadonlySet<string> = new Set(["staged", "on_rent", "delivered"]);
const office = { person: "office" };

const originAt = (atMs: number, by: Act["origin"]["by"]) => ({
  by,
  receivedAt: new Date(atMs).toISOString(),
  traceparent,
});

const cut = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );

const scanOf = (scan: WarehouseScan, session: string): Scan => ({
  id: scan.id,
  tag: scan.tag,
  type: scan.type,
  session,
  scannedAt: new Date(scan.scannedAtMs).toISOString(),
  ...(scan.contract === null ? {} : { contract: scan.contract }),
  ...(scan.place === null ? {} : { place: scan.place }),
  ...(scan.quality === null ? {} : { quality: scan.quality as NonNullable<Scan["quality"]> }),
  ...(scan.status === null ? {} : { status: scan.status }),
  ...(scan.condition === null ? {} : { condition: scan.condition }),
});

const officeAt = (atMs: number, id: string = newId()) => ({ id, origin: originAt(atMs, office) });

/** What the books say when the month begins: classes, items, the contracts that are out and what is out on them. */
export const stockTurns = ({ classes, items, contracts }: Warehouse, atMs: number): Act[][] => {
  const names = new Map(classes.map(({ id, name }) => [id, name]));
  const defined = classes.map(
    ({ name, category, crew }): Act => ({
      kind: "class.define",
      ...officeAt(atMs),
      body: { class: name, define: { name, category, crew } },
    }),
  );
  const created = items.map(
    ({ tag, name, status, quality, place }): Act => ({
      kind: "item.create",
      ...officeAt(atMs),
      body: {
        tag,
        class: name,
        status: fromScansAlone.has(status) ? "ready" : status,
        ...(quality === null ? {} : { quality: quality as NonNullable<Scan["quality"]> }),
        ...(place === null ? {} : { place }),
      },
    }),
  );
  const opened = contracts.map((contract) => openAct(contract, names, atMs));
  const rented = items
    .filter(({ contract }) => contract !== null)
    .map(({ tag, contract }): Act => {
      const id = newId();
      const scan: Scan = {
        id,
        tag,
        type: "rental",
        scannedAt: new Date(atMs).toISOString(),
        contract: contract ?? "",
      };
      return { kind: "scan", id, origin: originAt(atMs, { device: "tablet-1" }), scan };
    });
  return [defined, created, opened, rented].flatMap((acts) => cut(acts, itemsPerTurn));
};

const linesOf = (lines: WarehouseContract["lines"], names: ReadonlyMap<string, string>): ContractLine[] =>
  lines.map((line) => ({ class: names.get(line.class) ?? line.class, quantity: line.quantity }));

const openAct = (
  { number, kind, client, outAtMs, dueAtMs, lines }: WarehouseContract,
  names: ReadonlyMap<string, string>,
  atMs: number,
): Act => ({
  kind: "contract.open",
  ...officeAt(atMs),
  body: {
    number,
    kind,
    client,
    outAt: new Date(outAtMs).toISOString(),
    dueAt: new Date(dueAtMs).toISOString(),
    lines: linesOf(lines, names),
  },
});

const importAct = (row: Omit<FileRow, "id">, atMs: number, id: string): Act => {
  const { quality, ...rest } = row;
  const graded = quality === undefined ? {} : { quality: quality as NonNullable<Scan["quality"]> };
  return { kind: "import", ...officeAt(atMs, id), body: { ...rest, ...graded } };
};

/** The acts of a month as turns of a site: sessions begin with the first part that comes and are closed with the last. */
export const monthTurns = (
  { classes }: Pick<Warehouse, "classes">,
  /** The tags that a provisioning made. */
  madeBy: (id: string) => readonly string[],
): ((act: MonthAct) => Act[][]) => {
  const names = new Map(classes.map(({ id, name }) => [id, name]));
  const scanned = new Map<string, { readonly tags: Set<string>; parts: number }>();

  const begin = ({
    atMs,
    happenedAtMs,
    device,
    session: { id, mode, contract, place },
  }: ScanSession): Act => ({
    kind: "session.begin",
    id: newId(),
    origin: originAt(atMs, { device }),
    body: {
      id,
      mode,
      ...(contract === null ? {} : { contract }),
      ...(place === null ? {} : { place }),
      begunAt: new Date(happenedAtMs).toISOString(),
    },
  });

  const scanTurns = ({ device, session, scans }: ScanSession, atMs: number): Act[][] => {
    const origin = originAt(atMs, { device });
    const acts = scans.map(
      (scan): Act => ({ kind: "scan", id: scan.id, origin, scan: scanOf(scan, session.id) }),
    );
    return cut(acts, scansPerTurnMax);
  };

  const sessionTurns = (act: ScanSession): Act[][] => {
    if (act.scans.length === 0) return [];
    const { id } = act.session;
    const known = scanned.get(id);
    const own = known ?? { tags: new Set<string>(), parts: 0 };
    scanned.set(id, own);
    own.parts += 1;
    for (const { tag } of act.scans) own.tags.add(normaliseTag(tag) ?? tag);
    const turns = [...(known === undefined ? [[begin(act)]] : []), ...scanTurns(act, act.atMs)];
    if (own.parts < act.part.of) return turns;
    const close = { count: own.tags.size, digest: tagSetDigest(own.tags) };
    const origin = originAt(act.atMs, { device: act.device });
    return [...turns, [{ kind: "session.close", id: newId(), origin, body: { session: id, close } }]];
  };

  const contractAct = (atMs: number, number: string, act: ContractAct): Act[][] => [
    [{ kind: "contract.act", ...officeAt(atMs), body: { number, act } }],
  ];
  const patch = (tag: string, patch: PatchItem, atMs: number, id?: string): Act => ({
    ...{ kind: "item.patch", ...officeAt(atMs, id) },
    body: { tag, version: null, patch },
  });

  return (act) => {
    switch (act.kind) {
      case "scan-session":
        return sessionTurns(act);
      case "upload-repeated":
        return scanTurns(act.upload, act.atMs);
      case "contract-opened":
        return [[openAct(act.contract, names, act.atMs)]];
      case "contract-closed":
        return contractAct(act.atMs, act.contract.number, "close");
      case "laundry-sent":
        return contractAct(act.atMs, act.contract, "finalize");
      case "laundry-back":
        return contractAct(act.atMs, act.contract, "returned");
      case "lot-counted": {
        const { id, contract: number, name, quantity, action } = act;
        return [
          [
            {
              kind: "lot.record",
              ...officeAt(act.atMs, id),
              body: { number, lot: { id, name, quantity, action } },
            },
          ],
        ];
      }
      case "session-undone":
        return [
          [
            {
              kind: "events.undo",
              ...officeAt(act.atMs, act.id),
              body: { session: act.session, partial: true, preview: false },
            },
          ],
        ];
      case "item-commissioned":
        return [
          [{ kind: "item.create", ...officeAt(act.atMs, act.id), body: { tag: act.tag, class: act.class } }],
        ];
      case "tags-provisioned": {
        const { class: name, quantity } = act;
        const tags = { scheme: "prefix", prefix: "FEED" } as const;
        return [
          [{ kind: "tags.provision", ...officeAt(act.atMs, act.id), body: { class: name, quantity, tags } }],
        ];
      }
      case "item-edited":
        return [[patch(act.tag, act.edit, act.atMs, act.id)]];
      case "item-ended":
        return [[patch(act.tag, { status: act.status }, act.atMs, act.id)]];
      case "tags-printed":
        return [madeBy(act.made).map((tag) => patch(tag, { status: "ready" }, act.atMs))];
      case "item-retagged":
        return [[{ kind: "item.retag", ...officeAt(act.atMs, act.id), body: { tag: act.tag, to: act.to } }]];
      case "held-dismissed":
        return [
          [
            {
              kind: "quarantine.dismiss",
              ...officeAt(act.atMs, act.id),
              body: { tag: act.tag, reason: act.reason },
            },
          ],
        ];
      case "file-imported":
        return [act.rows.map(({ id, ...row }) => importAct(row, act.atMs, id))];
      case "contract-amended":
        return [
          [
            {
              kind: "contract.amend",
              ...officeAt(act.atMs, act.id),
              body: {
                number: act.contract,
                version: null,
                amend: { lines: linesOf(act.lines, names), dueAt: new Date(act.dueAtMs).toISOString() },
              },
            },
          ],
        ];
      case "contract-reopened":
        return contractAct(act.atMs, act.contract, "reopen");
      case "laundry-reactivated":
        return contractAct(act.atMs, act.contract, "reactivate");
      case "contract-merged":
        return [
          [
            {
              kind: "contract.merge",
              ...officeAt(act.atMs, act.id),
              body: { number: act.contract, into: act.into },
            },
          ],
        ];
    }
  };
};
