import { render } from "preact";
import { App } from "./app.tsx";
import { loadPolicy } from "./policy/state.ts";
import { startRouter } from "./router.ts";
import { startClock } from "./state/clock.ts";
import { watchIndex } from "./state/index.ts";
import { loadSettings, settings } from "./state/settings.ts";
import "./style/page.css";

const place = document.getElementById("page")!;
startRouter();
startClock();
render(<App />, place);
try {
  settings.value = await loadSettings();
  void watchIndex();
  void loadPolicy();
} catch (error) {
  render(<App fault={error instanceof Error ? error.message : String(error)} />, place);
}
