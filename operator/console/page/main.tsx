// Where the page begins. The theme is set before anything is drawn, so that nobody is dazzled at
// three in the morning.
import "@cloudscape-design/global-styles/index.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "./style.css";
import { applyTheme, storedTheme } from "./theme.ts";

applyTheme(storedTheme());
const root = document.querySelector("#page");
if (root === null) throw new Error("the page has no place to draw at");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
