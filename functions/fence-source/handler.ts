// Says how long gates of an older epoch may still be open; the machine waits that long.
import { fenceSchema, stepInputs } from "../../core/contracts/steps.ts";
import { controlTable } from "../adapters/control-table.ts";
import { ledger } from "../adapters/ledger.ts";
import { defineHandler } from "../define-handler.ts";
import { replicaPorts } from "../replicas.ts";
import { sleep } from "../sleep.ts";
import { fenceSource } from "./fence-source.ts";

export const handler = defineHandler({
  name: "fence-source",
  input: stepInputs["fence-source"],
  output: fenceSchema,
  run: (input, { env: { config, region } }) => {
    const now = () => Date.now();
    const ports = { control: controlTable(config, region), ledger: ledger(config, region, now) };
    const of = (where: string) => controlTable(config, where);
    const replicas = replicaPorts(config, { region, of, sleep });
    return fenceSource({ ...ports, ...replicas, now }, config, input);
  },
});
