// Makes the Lambda handler of an application's API: what a team's own function is built with, and
// the sample, too. Gate, tables and signal are made once per container: the gate's last reading is
// what keeps a busy write path free of extra reads.
import { crossOriginHeaders } from "../../core/contracts/cross-origin.ts";
import { hasWriter, isForwarding, isJournalled } from "../../core/writer.ts";
import { type ApplicationTable, applicationTable } from "../adapters/application-table.ts";
import { bounded } from "../adapters/clients.ts";
import { controlTable } from "../adapters/control-table.ts";
import { eventItems } from "../adapters/event-items.ts";
import { putSignal } from "../adapters/events.ts";
import { forwardFrom } from "../adapters/forwarding.ts";
import { gateBeatSeconds, readGate } from "../adapters/gate-reading.ts";
import { countHeld } from "../adapters/held-writes.ts";
import { type Items, itemsIn } from "../adapters/items.ts";
import { defineHandler, type Invocation } from "../define-handler.ts";
import { type Measures, measureFor } from "../metrics.ts";
import { sleep } from "../sleep.ts";
import { createGate, type Gate } from "../write-gate/gate.ts";
import { createOpenGate } from "../write-gate/open-gate.ts";
import { everyTenSeconds, type Refusals, type Wake } from "../write-gate/wake.ts";
import { apiRequestSchema } from "./answers.ts";
import { type Routes, type ServePorts, serve } from "./serve.ts";

export interface ApiPorts extends ServePorts {
  /** Reads are anybody's; writes go through gated(). */
  readonly items: Items;
  readonly table: ApplicationTable;
}

interface Container {
  readonly ports: Omit<ApiPorts, "healthStatus">;
  /** As the gate has read it last: on the log lines of the requests that follow, too. */
  readonly epoch: () => number | null;
}

/** `name` as in the application's definition: on every log line. */
export function defineApi(name: string, routes: Routes<ApiPorts>) {
  let container: Container | null = null;
  return defineHandler({
    name,
    input: apiRequestSchema,
    async run(request, invocation) {
      container ??= containerOf(invocation);
      const epoch = container.epoch();
      if (epoch !== null) invocation.log.keep({ epoch });
      const { healthStatus } = invocation.env;
      const answer = await serve(request, routes, { ...container.ports, healthStatus });
      const headers = { ...answer.headers, ...crossOriginHeaders(invocation.env.config) };
      return { ...answer, headers };
    },
  });
}

function containerOf(invocation: Invocation): Container {
  const { env, log } = invocation;
  const { config, region } = env;
  const table = applicationTable(config, region);
  const { gate, epoch } = gateOf(invocation);
  const tick = () => performance.now();
  const measure = measureFor(config);
  const ports = {
    config,
    region,
    gate,
    journals: isJournalled(config),
    items: itemsIn(config, region),
    table,
    events: eventItems(config, region),
    readCanary: table.readCanary,
    putJournal: table.putJournal,
    wake: wakeOf(invocation),
    forward: isForwarding(config) ? forwardFrom(config, tick) : null,
    mayHold: () => countHeld(config, region, Date.now()),
    measure: (measures: Measures) => measure(measures, { Region: region }),
    tick,
    sleep,
    now: () => Date.now(),
    say: (sentence: string) => log.warn(sentence),
  };
  return { ports, epoch };
}

function gateOf({ env, log }: Invocation): { gate: Gate; epoch: () => number | null } {
  const { config, region } = env;
  const control = controlTable(config, region);
  let epoch: number | null = null;
  const read = async () => {
    const reading = await readGate(config, region);
    epoch = reading.routing?.epoch ?? null;
    if (epoch !== null) log.keep({ epoch });
    return reading;
  };
  const policy = {
    region,
    leaseSeconds: config.writeLeaseSeconds,
    deadlineSeconds: config.writeDeadlineSeconds,
    heartbeatSeconds: config.detection.heartbeatSeconds,
  };
  const tick = () => performance.now();
  const gate = hasWriter(config)
    ? createGate(policy, {
        read,
        beat: (at) => bounded(gateBeatSeconds, () => control.beat(region, at)),
        now: () => Date.now(),
        tick,
      })
    : createOpenGate(policy, { readEpoch: () => read().then(() => epoch), tick });
  return { gate, epoch: () => epoch };
}

function wakeOf({ env, log }: Invocation): Wake {
  const { config, region } = env;
  const measure = measureFor(config);
  const put = ({ count, why, active }: Refusals) => {
    log.warn(`The gate refused ${count} writes: ${why}`);
    measure({ RefusedWrites: count }, { Region: region });
    const signal = { kind: "gate", from: region, against: active ?? region, detail: why } as const;
    return putSignal(config, region, { ...signal, at: Date.now() }, 1);
  };
  return everyTenSeconds(put, () => performance.now());
}
