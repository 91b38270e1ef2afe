// The bar at the top: which deployment, as whom, and light or dark. The lab is said in words and by
// colour, so that nobody takes it for the real thing, nor the real thing for it.
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import type { ConsoleState } from "../contract.ts";
import { keepTheme, storedTheme, type Theme } from "./theme.ts";

export function TopBar({ state }: { readonly state: ConsoleState | null }) {
  const deployment = state?.deployment ?? null;
  const kind = deployment?.kind ?? "starting";
  return (
    <header id="bar" className="bar">
      <strong className="bar-name">Switchback</strong>
      <span>{deployment === null ? "" : `${deployment.application} · ${deployment.domain}`}</span>
      <span className={`bar-target ${kind}`} title={deployment?.words}>
        {kind === "aws" ? "AWS" : kind === "lab" ? "Lab" : "…"}
      </span>
      <span className="bar-me">{state?.me == null ? "" : `as ${whoOf(state.me)}`}</span>
      <ThemeButton />
    </header>
  );
}

/** "role/oncall" of an ARN. */
const whoOf = (arn: string) => arn.split(":").at(-1) ?? arn;

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const other = theme === "dark" ? "light" : "dark";
  const turn = () => {
    keepTheme(other);
    setTheme(other);
  };
  return (
    <Button variant="link" onClick={turn} ariaLabel={`Turn ${other}`}>
      {other === "dark" ? "Dark" : "Light"}
    </Button>
  );
}
