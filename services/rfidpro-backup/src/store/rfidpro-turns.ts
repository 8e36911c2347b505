import type { Migration } from "@tagwire/store";

/** `asked_account` says when RFIDpro may be asked next with an account, so that all processes together keep one pace. */
export const rfidproTurns: Migration = {
  name: "rfidpro-turns-1",
  sql: `
    create table asked_account (
      account text primary key,
      next_at timestamptz not null
    );
  `,
};
