// What the history says of states that are stopped from outside: by a failing sibling, by
// StopExecution, by the machine's timeout. Only these four types have such an event in AWS's list.
import type { State } from "./definition.ts";
import type { Thread } from "./run.ts";

const abortable: readonly State["Type"][] = ["Task", "Wait", "Parallel", "Map"];

/** Records that the state of a thread and all below it stop, innermost first. These events follow
 * the last one of `link`, the thread that is the reason.
 * @throws HistoryFull */
export function markAborted(thread: Thread, link: Thread): void {
  for (const child of thread.children) {
    markAborted(child, link);
    if (thread.frame) markIterationAborted(child, thread.frame.name, link);
  }
  const type = thread.frame?.state.Type;
  if (type && abortable.includes(type)) link.mark(`${type}StateAborted`);
}

/** For a Map's iteration; nothing for a Parallel's branch. */
export function markIterationAborted(thread: Thread, mapName: string, link: Thread): void {
  if (!thread.mapItem) return;
  const mapIterationAbortedEventDetails = { index: thread.mapItem.Index, name: mapName };
  link.mark("MapIterationAborted", { mapIterationAbortedEventDetails });
}
