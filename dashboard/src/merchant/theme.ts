// Paper or night: as the system asks, unless a choice was made on this machine.
import { signal } from "@preact/signals";

export type Theme = "paper" | "night";

const STORE = "festival.theme";

export const theme = signal<Theme>(first());

function first(): Theme {
  const asked = new URLSearchParams(location.search).get("theme") ?? stored();
  if (asked === "paper" || asked === "night") return asked;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "paper";
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}

export function setTheme(next: Theme): void {
  document.documentElement.dataset.theme = next;
  theme.value = next;
  try {
    localStorage.setItem(STORE, next);
  } catch {
    // the choice then lasts as long as the page
  }
}
