/** A challenge from this tab: what it costs, how it stands, what is to be done. */
import { formatEther } from "ethers";
import { useEffect, useId, useMemo } from "preact/hooks";
import type { Root } from "../../../../core/bytes.ts";
import type { ExplorerSettings } from "../../../settings.ts";
import type { Verification } from "../client.ts";
import { ChallengeModel } from "./model.ts";
import type { Offer, Standing } from "./player.ts";

export interface ChallengePanelProps {
  readonly chain: ExplorerSettings["chains"][number];
  readonly claimId: Root;
  readonly verification: Verification;
}

export function ChallengePanel({ chain, claimId, verification }: ChallengePanelProps) {
  const model = useMemo(() => new ChallengeModel(chain, claimId, verification), [chain, claimId, verification]);
  useEffect(() => () => model.close(), [model]);
  const standing = model.standing.value;
  const title = useId();
  return (
    <section class="verify" aria-labelledby={title}>
      <h4 id={title}>Challenge this claim</h4>
      {model.account.value === undefined ? <Wallets model={model} /> : <p>Account {model.account.value}</p>}
      {standing !== undefined && <StandingView model={model} standing={standing} />}
      {model.doing.value !== undefined && <p role="status">{model.doing.value}…</p>}
      {model.problem.value !== undefined && (
        <p class="verify-bad" role="alert">
          {model.problem.value}
        </p>
      )}
    </section>
  );
}

function Wallets({ model }: { readonly model: ChallengeModel }) {
  const wallets = model.wallets.value;
  if (wallets.length === 0) {
    return <p>This browser has no wallet that announces itself (EIP-6963). A verifier daemon can challenge as well.</p>;
  }
  return (
    <p>
      {wallets.map((found) => (
        <button type="button" key={found.id} onClick={() => void model.connect(found)}>
          Connect {found.name}
        </button>
      ))}
    </p>
  );
}

function StandingView({ model, standing }: { readonly model: ChallengeModel; readonly standing: Standing }) {
  switch (standing.kind) {
    case "none":
      return <OfferView model={model} offer={standing.offer} />;
    case "open":
      return <OpenView model={model} standing={standing} />;
    case "lost":
      return <p class="verify-bad">The challenge is lost: an answer was not there in time. The stake is gone.</p>;
    case "closed":
      return <p>No challenge: {standing.why}.</p>;
    case "refuted":
      return <RefutedView model={model} standing={standing} />;
  }
}

function OfferView({ model, offer }: { readonly model: ChallengeModel; readonly offer: Offer }) {
  const { stake, isCovered, gas, balance, windowEnd, call } = offer;
  const isEnough = balance >= stake + gas;
  return (
    <div>
      <ul class="verify-plan">
        <li>
          {isCovered
            ? "Stake: the one that this account has on the build covers this claim too."
            : `Stake: ${formatEther(stake)} ether. It comes back with a part of the solver's bond, unless an answer is late.`}
        </li>
        <li>Gas of the whole dispute: at most about {formatEther(gas)} ether at the price of now.</li>
        <li>Challenges are taken until {new Date(windowEnd * 1000).toISOString()}.</li>
        <li>
          Each of your answers has to be mined before its deadline. Keep this tab open, or open it again in time: it
          works out every move anew from the chain. What a reorganisation takes back is made again. Moves count once
          they have the confirmations that this page asks for.
        </li>
      </ul>
      {!isEnough && <p class="verify-bad">The account has {formatEther(balance)} ether, which is not enough.</p>}
      <button type="button" disabled={!isEnough} onClick={() => void model.challenge(call)}>
        Stake {formatEther(stake)} ether and challenge
      </button>
    </div>
  );
}

interface OpenViewProps {
  readonly model: ChallengeModel;
  readonly standing: Extract<Standing, { kind: "open" }>;
}

function OpenView({ model, standing: { challenge, side, deadline, now, move } }: OpenViewProps) {
  const { level, from, log2Length } = challenge.at.range;
  const left = Math.max(0, deadline - now);
  return (
    <div>
      <p>
        The dispute is about {2 ** log2Length} {level} from {from} on, after {challenge.selections} selections.{" "}
        {side === "solver" ? "The solver has to answer" : "It is your turn"}: {left} seconds are left.
      </p>
      {move !== undefined && model.problem.value !== undefined && (
        <button type="button" onClick={() => void model.act(move.key, move.call)}>
          Ask the wallet again
        </button>
      )}
    </div>
  );
}

interface RefutedViewProps {
  readonly model: ChallengeModel;
  readonly standing: Extract<Standing, { kind: "refuted" }>;
}

function RefutedView({ model, standing: { owed, fetch } }: RefutedViewProps) {
  return (
    <div class="verify-good">
      <p role="status">
        <strong>The claim is refuted.</strong> The contract owes this account {formatEther(owed)} ether.
      </p>
      {fetch !== undefined && (
        <button type="button" onClick={() => void model.act(`fetch ${fetch.data.slice(0, 80)}`, fetch)}>
          Fetch stake and reward
        </button>
      )}
    </div>
  );
}
