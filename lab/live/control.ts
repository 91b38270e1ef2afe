// The live lab's own controls over HTTP on loopback: what no AWS API has, such as breaking things.
// Whoever holds the token from .switchback/lab.json (readable by its owner alone) may use them. A
// change answers in words, also where it is refused: several faults of one input, one a line.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import {
  type LabAnswer,
  type LabState,
  labControlPaths,
  labRequests,
} from "../../core/contracts/lab-control.ts";
import { faultSchema } from "../scenarios/fault-schema.ts";
import {
  checkScenario,
  findScenario,
  loadScenario,
  ScenarioRefused,
  shippedScenarios,
} from "../scenarios/load.ts";
import { type Answered, type Listening, listenHttp, loopback, type Received } from "./listening.ts";
import { type LiveLab, NotHere } from "./live-lab.ts";
import { Observed } from "./observed.ts";

export interface Control {
  readonly url: string;
  readonly token: string;
}

/** No change needs more. */
const bodyCharactersMax = 65_536;

/** `configFile`: over which scenarios merge their own configuration. */
export async function openControl(
  live: LiveLab,
  configFile: string,
): Promise<{ readonly control: Control; readonly door: Listening }> {
  const token = randomBytes(32).toString("base64url");
  const steering = new Steering(live, configFile);
  const door = await listenHttp(async (request) => steering.answer(request, token));
  return { control: { url: `http://${loopback}:${door.port}`, token }, door };
}

export class Steering {
  readonly #live: LiveLab;
  readonly #observed: Observed;
  readonly #configFile: string;
  readonly #scenarios: LabState["scenarios"];
  readonly #faultSchema = z.json().parse(toJson(faultSchema));

  constructor(live: LiveLab, configFile: string) {
    this.#live = live;
    this.#observed = new Observed(live);
    this.#configFile = configFile;
    this.#scenarios = shippedScenarios().map(({ name, description }) => {
      return { name, description, why: this.#whyNot(name) };
    });
  }

  answer({ method, path, headers, body }: Received, token: string): Answered {
    if (!sameToken(headers.authorization ?? "", `Bearer ${token}`)) {
      return said(401, { ok: false, message: "This needs the token of the lab's file." });
    }
    if (method === "GET" && path === labControlPaths.state) return json(200, this.#state());
    if (method !== "POST") return said(404, { ok: false, message: `There is no ${path}.` });
    if (body.length > bodyCharactersMax) {
      return said(413, { ok: false, message: "The lab's controls take 64 KB at most." });
    }
    try {
      return said(200, { ok: true, message: this.#change(path, body) });
    } catch (error) {
      if (!(error instanceof Refused || error instanceof NotHere)) throw error;
      return said(error instanceof NotHere ? 409 : 400, { ok: false, message: error.message });
    }
  }

  #state(): LabState {
    const { now, speed } = this.#live;
    return {
      ...{ now, speed, ...this.#observed.state() },
      clients: this.#live.clients(),
      scenarios: this.#scenarios,
      faultSchema: this.#faultSchema,
    };
  }

  /** Answers what was done, in words. Throws Refused, NotHere. */
  #change(path: string, body: string): string {
    const live = this.#live;
    switch (path) {
      case labControlPaths.faults:
        return `Broken: ${live.inject(this.#checkedFault(parsed(labRequests.faults, body).fault))}`;
      case labControlPaths.heal: {
        const { id } = parsed(labRequests.heal, body);
        live.heal(id);
        return `Healed: ${id}`;
      }
      case labControlPaths.speed: {
        const { speed } = parsed(labRequests.speed, body);
        live.setSpeed(speed);
        return `Speed: ${speed}`;
      }
      case labControlPaths.play: {
        const { scenario } = parsed(labRequests.play, body);
        const known = this.#scenarios.find(({ name }) => name === scenario);
        if (known === undefined) throw new Refused(`No shipped scenario is called ${scenario}.`);
        live.play(loadScenario(findScenario(scenario), this.#configFile));
        return `Playing: ${scenario}`;
      }
      default:
        throw new Refused(`There is no ${path}.`);
    }
  }

  /** As a scenario's own: its shape, and what it means in this lab's Regions. */
  #checkedFault(fault: unknown) {
    try {
      const { scenario } = checkScenario(oneFault(fault), "This fault", this.#live.config);
      const [step] = scenario.timeline;
      if (step?.fault === undefined) throw new Refused("A fault is needed.");
      return step.fault;
    } catch (error) {
      if (!(error instanceof ScenarioRefused)) throw error;
      throw new Refused(error.message.replaceAll("$.timeline[0].fault", "fault"));
    }
  }

  #whyNot(name: string): string | null {
    try {
      const { config } = loadScenario(findScenario(name), this.#configFile);
      const isSame = JSON.stringify(config) === JSON.stringify(this.#live.config);
      return isSame ? null : `needs another configuration: npm start -- --scenario ${name}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** The request is wrong; the message says all that is. */
class Refused extends Error {
  override readonly name = "Refused";
}

const oneFault = (fault: unknown) => ({
  name: "console",
  description: "One fault.",
  until: "1m",
  timeline: [{ at: 0, fault }],
});

const toJson = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

function parsed<S extends z.ZodType>(schema: S, body: string): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Refused("The body is not JSON.");
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new Refused(z.prettifyError(read.error));
}

function sameToken(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const json = (status: number, value: LabState | LabAnswer): Answered => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(value),
});
const said = (status: number, answer: LabAnswer) => json(status, answer);
