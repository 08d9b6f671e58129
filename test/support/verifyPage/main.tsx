/** A page with nothing but the panel that verifies: of the claim that its host names. */
import { render } from "preact";
import { VerifyPanel } from "../../../src/explorer/page/verify/view.tsx";

const [settings, claim] = await Promise.all(
  ["explorer.json", "claim.json"].map(async (name) => await (await fetch(name)).json()),
);
render(<VerifyPanel settings={settings} chain={settings.chains[0]} claim={claim} />, document.getElementById("page")!);
