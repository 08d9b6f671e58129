/** A task as `assay init` proposes it. */
export interface TaskDraft {
  readonly name: string;
  /** What it is, for people: a comment, line by line. */
  readonly about: readonly string[];
  /** Fields and their values, as YAML has them. */
  readonly fields: Readonly<Record<string, string>>;
}

/** What a look at one kind of project has brought. */
export interface Findings {
  readonly tasks: readonly TaskDraft[];
  /** What no task was found for, and why. */
  readonly notes: readonly string[];
}

/** What a project has. */
export interface ProjectView {
  /** The text of a file; undefined if there is none that can be read. */
  text(path: string): string | undefined;
  /** The branch that is worked on. */
  readonly branch: string | undefined;
}
