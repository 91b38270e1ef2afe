// What the page may do, each by the same function as the command line: this file only hands over a
// screen that keeps what is said. Every request is parsed first, and refused whole where any of it
// is wrong.
import type { Hono } from "hono";
import { labControlPaths, labRequests } from "../../core/contracts/lab-control.ts";
import { beginAbort } from "../abort.ts";
import { answerQuestion } from "../answer.ts";
import { bundleOf } from "../audit/bundle.ts";
import { readRun } from "../audit/export.ts";
import { setAutomation } from "../automation.ts";
import { nameOfArn } from "../aws/executions.ts";
import { type Desk, Refused, type Screen } from "../desk.ts";
import { readHistory, sinceOf } from "../history.ts";
import { takePicture } from "../picture.ts";
import { beginSwitch, prepareSwitch } from "../switch.ts";
import { executionName, paths, requests } from "./contract.ts";
import { BadRequest, checked } from "./errors.ts";
import { steerLab } from "./lab-link.ts";
import { shownRun } from "./run-shown.ts";
import { tarOf } from "./tar.ts";
import type { Connected } from "./watcher.ts";

/** With the files' names, what a tar's header holds. */
const folderCharactersMax = 80;

type Body = { req: { json(): Promise<unknown> } };

async function bodyOf(context: Body): Promise<unknown> {
  return await context.req.json().catch(() => {
    throw new BadRequest("The body is not JSON.");
  });
}

/** Nobody sits before this one: the page has asked already. */
function hearing(desk: Desk) {
  const notes: string[] = [];
  const keep = (line: string) => void notes.push(line);
  const plain = (text: string) => text;
  const screen: Screen = {
    paint: { bold: plain, dim: plain, good: plain, warn: plain, bad: plain },
    isInteractive: false,
    out: keep,
    note: keep,
    confirm: async () => false,
  };
  return { desk: { ...desk, screen }, notes };
}

export function addActions(app: Hono, connect: () => Connected): void {
  app.post(paths.switch, async (context) => {
    const { dryRun, ...options } = checked(requests.switch, await bodyOf(context));
    const { desk } = hearing(connect().desk);
    const prepared = await prepareSwitch(desk, options);
    const executionArn = await beginSwitch(desk, prepared, dryRun);
    return context.json({ executionArn, name: nameOfArn(executionArn) });
  });
  app.post(paths.answer, async (context) => {
    const answer = checked(requests.answer, await bodyOf(context));
    const { desk, notes } = hearing(connect().desk);
    await answerQuestion(desk, { ...answer, yes: true }).catch((error: unknown) => {
      // What became of the question is said beside the fault.
      if (!(error instanceof Refused) || notes.length === 0) throw error;
      throw new Refused([error.message, notes.at(-1)].join(" "), { cause: error });
    });
    return context.json({ message: notes.at(-1) ?? "", notes });
  });
  app.post(paths.abort, async (context) => {
    const wish = checked(requests.abort, await bodyOf(context));
    const { desk, notes } = hearing(connect().desk);
    await beginAbort(desk, { ...wish, yes: true });
    return context.json({ message: notes.slice(1).join(" "), notes });
  });
  app.post(paths.automation, async (context) => {
    const { command, reason } = checked(requests.automation, await bodyOf(context));
    const { desk, notes } = hearing(connect().desk);
    await setAutomation(desk, command, { reason });
    return context.json({ message: notes[0] ?? "", notes });
  });
}

export function addRecords(app: Hono, connect: () => Connected): void {
  app.get(paths.history, async (context) => {
    const { since } = checked(requests.history, context.req.query());
    const { desk } = hearing(connect().desk);
    const { now } = await takePicture(desk);
    const { switches, unknown } = await readHistory(desk, sinceOf(since, now));
    const shown = switches.map((one) => ({
      ...one,
      name: nameOfArn(one.executionArn),
      completedAt: one.completedAt === null ? null : one.completedAt * 1000,
    }));
    return context.json({ switches: shown.reverse(), unknown });
  });
  app.get(`${paths.runs}/:name`, async (context) => {
    const name = checked(executionName, context.req.param("name"));
    return context.json(await shownRun(connect().desk, name));
  });
  app.get(`${paths.runs}/:name/bundle`, async (context) => {
    const run = await readRun(connect().desk, checked(executionName, context.req.param("name")));
    const name = `${nameOfArn(run.executionArn)}-evidence`.slice(0, folderCharactersMax);
    return context.body(tarOf(name, bundleOf(run), run.exportedAt / 1000), 200, {
      "content-type": "application/x-tar",
      "content-disposition": `attachment; filename="${name}.tar"`,
    });
  });
}

export function addLab(app: Hono, connect: () => Connected): void {
  for (const change of ["faults", "heal", "speed", "play"] as const) {
    app.post(`${paths.lab}/${change}`, async (context) => {
      const body = checked(labRequests[change], await bodyOf(context));
      const { control } = connect();
      if (control === null) throw new Refused("There is no lab here: this is AWS.");
      const message = await steerLab(control, labControlPaths[change], body);
      return context.json({ message, notes: [] });
    });
  }
}
