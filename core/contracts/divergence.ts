// What a switch that did not drain left behind: one report a promotion, in the control table. The
// report holds keys and versions, never what customers wrote: that is read where it stands when
// somebody looks, since this table deletes nothing.
import * as z from "zod";
import { itemAddressSchema } from "./records.ts";
import { switchMode } from "./routing-state.ts";

/** One write of an item: who made it (null: not told by what was read), and when by the clock of
 * whoever did. `entry`: where its journal entry stands, which may hold a copy of what was
 * written. */
export const writtenVersionSchema = z.object({
  version: z.string(),
  region: z.string().nullable(),
  epoch: z.int(),
  at: z.number(),
  entry: z.object({ pk: z.string(), sk: z.string() }).optional(),
});

export const divergentItemSchema = z.object({
  ...itemAddressSchema.shape,
  /** Whoever wrote what stands was fenced by then. */
  fenced: z.boolean(),
  /** What both Regions hold. */
  stands: writtenVersionSchema,
  /** Writes that the last writer discarded without having seen them. */
  discarded: z.array(writtenVersionSchema),
});

export const divergenceStatus = z.enum(["waiting", "listed", "unlistable"]);

export const divergenceSchema = z.object({
  /** Of the promotion: the source wrote under older ones, the target under this and later ones. */
  epoch: z.int(),
  mode: switchMode,
  source: z.string(),
  target: z.string(),
  /** ms since 1970, by the clock of the target's machine. */
  fencedAt: z.number(),
  /** By how many ms at most the source's clock was ahead of that one; null or absent: unknown. */
  sourceAhead: z.number().nullable().optional(),
  promotedAt: z.number(),
  /** Up to where the source's journal was known to have arrived; null: not known. */
  mark: z.object({ epoch: z.int(), at: z.number() }).nullable(),
  /** The loss that was stated: acknowledged within it, a write may be missing; null: unknown. */
  window: z.object({ from: z.number(), to: z.number() }).nullable(),
  status: divergenceStatus,
  /** What it waits for, or why it can't be listed. */
  detail: z.string(),
  /** Last instant of the source's journal that counts, on its clock; null: not begun. */
  through: z.number().nullable(),
  /** Where the next step goes on: keys of that shard after that one; null: no key yet. */
  next: z.object({ shard: z.int(), after: z.string().nullable() }),
  /** Items that were compared, and what was found. */
  compared: z.int(),
  items: z.int(),
  fenced: z.int(),
  discarded: z.int(),
  pages: z.int(),
  /** Over everything listed so far: what an acknowledgement is of. */
  hash: z.string(),
  acknowledged: z.object({ by: z.string(), at: z.number(), hash: z.string() }).nullable(),
});

export const divergencePageSchema = z.object({ items: z.array(divergentItemSchema) });

/** What a decision and a question say of a report. */
export const divergenceSummarySchema = divergenceSchema.pick({
  epoch: true,
  source: true,
  target: true,
  status: true,
  detail: true,
  items: true,
  fenced: true,
  discarded: true,
  hash: true,
});

export type WrittenVersion = z.infer<typeof writtenVersionSchema>;
export type DivergentItem = z.infer<typeof divergentItemSchema>;
export type Divergence = z.infer<typeof divergenceSchema>;
export type DivergenceSummary = z.infer<typeof divergenceSummarySchema>;
