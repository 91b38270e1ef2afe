// Light or dark: as the system says until the reader chooses, and then as chosen.
import { applyMode, Mode } from "@cloudscape-design/global-styles";

export type Theme = "light" | "dark";
const key = "switchback-theme";

export function storedTheme(): Theme {
  const stored = localStorage.getItem(key);
  if (stored === "light" || stored === "dark") return stored;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function applyTheme(theme: Theme): void {
  applyMode(theme === "dark" ? Mode.Dark : Mode.Light);
}

export function keepTheme(theme: Theme): void {
  localStorage.setItem(key, theme);
  applyTheme(theme);
}
