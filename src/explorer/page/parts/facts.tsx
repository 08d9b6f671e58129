import type { ComponentChildren } from "preact";

interface FactsProps {
  readonly entries: readonly (readonly [string, ComponentChildren])[];
  /** Beside each other where there is room. */
  readonly isWide?: boolean;
}

/** Names and what they stand for; entries without a value are left out. */
export function Facts({ entries, isWide = false }: FactsProps) {
  return (
    <dl class={`facts${isWide ? " facts-wide" : ""}`}>
      {entries
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

interface SectionProps {
  readonly title: string;
  readonly id: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
}

export function Section({ title, id, children, aside }: SectionProps) {
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
