// A run's account, line by line: when, how long after its start, what kind of thing, the sentence.
import type { RunShown } from "../contract.ts";
import { When } from "./when.tsx";

export function Timeline({ entries }: Pick<RunShown, "entries">) {
  const start = entries[0]?.at ?? 0;
  return (
    <table className="timeline">
      <caption className="hidden">What happened in the run</caption>
      <thead className="hidden">
        <tr>
          <th scope="col">Seconds</th>
          <th scope="col">Time</th>
          <th scope="col">Kind</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {entries.map(({ at, kind, sentence }) => (
          <tr key={`${at} ${sentence}`} className={kind}>
            <td className="number">+{((at - start) / 1000).toFixed(1)} s</td>
            <td>
              <When at={at} now={start} />
            </td>
            <td className="kind">{kind}</td>
            <td>{sentence}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
