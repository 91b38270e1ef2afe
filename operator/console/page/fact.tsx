// One of the few facts that must be seen first: its name, and its value in large.
import Box from "@cloudscape-design/components/box";
import type { ReactNode } from "react";

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <Box variant="awsui-key-label">{name}</Box>
      <div className="fact">{children}</div>
    </div>
  );
}
