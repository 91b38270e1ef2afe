// The orders API of one Region. Gate, tables and signal are made once per container: the gate's
// last reading is what keeps a busy write path free of extra reads.
import { applicationTable } from "../adapters/application-table.ts";
import { controlTable } from "../adapters/control-table.ts";
import { putSignal } from "../adapters/events.ts";
import { readGate } from "../adapters/gate-reading.ts";
import { defineHandler, type Invocation } from "../define-handler.ts";
import { measureFor } from "../metrics.ts";
import { createGate } from "../write-gate/gate.ts";
import { everyTenSeconds, type Refusals } from "../write-gate/wake.ts";
import { apiRequestSchema } from "./answers.ts";
import { type ApiPorts, serve } from "./api.ts";

type Parts = Omit<ApiPorts, "healthStatus">;
let made: Parts | null = null;
/** As the gate has read it last: on the log lines of the requests that follow, too. */
let epoch: number | null = null;

function partsOf({ env, log }: Invocation): Parts {
  const { config, region } = env;
  const control = controlTable(config, region);
  const now = () => Date.now();
  const tick = () => performance.now();
  const gate = createGate(
    {
      region,
      leaseSeconds: config.writeLeaseSeconds,
      deadlineSeconds: config.writeDeadlineSeconds,
      heartbeatSeconds: config.detection.heartbeatSeconds,
    },
    {
      read: async () => {
        const reading = await readGate(config, region);
        epoch = reading.routing?.epoch ?? null;
        if (epoch !== null) log.keep({ epoch });
        return reading;
      },
      beat: (at) => control.beat(region, at),
      now,
      tick,
    },
  );
  const measure = measureFor(config);
  const put = ({ count, why, active }: Refusals) => {
    log.warn(`The gate refused ${count} writes: ${why}`);
    measure({ RefusedWrites: count }, { Region: region });
    const signal = { kind: "gate", from: region, against: active ?? region, detail: why } as const;
    return putSignal(config, region, { ...signal, at: now() }, 1);
  };
  const say = (sentence: string) => log.warn(sentence);
  return {
    region,
    gate,
    journals: config.drain === "verified",
    table: applicationTable(config, region),
    wake: everyTenSeconds(put, tick),
    now,
    say,
  };
}

export const handler = defineHandler({
  name: "orders-api",
  input: apiRequestSchema,
  run(request, invocation) {
    made ??= partsOf(invocation);
    if (epoch !== null) invocation.log.keep({ epoch });
    return serve(request, { ...made, healthStatus: invocation.env.healthStatus });
  },
});
