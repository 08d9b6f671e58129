import { unsupported } from "./errors.ts";
import { limits } from "./limits.ts";
import type { FunctionCode, FunctionType, ValueType } from "./module.ts";

/** Types of a function's locals, parameters first, without making room for each of the locals declared. */
export class LocalTypes {
  /** For each group of declared locals: the index after its last. */
  private readonly groupEnds: number[] = [];

  constructor(
    private readonly type: FunctionType,
    private readonly code: FunctionCode,
  ) {
    let count = type.parameters.length;
    for (const more of code.localCounts) {
      count += more;
      this.groupEnds.push(count);
    }
    if (count > limits.locals) throw unsupported(code.start, `more than ${limits.locals} locals`);
  }

  /** `undefined` if there is no such local. */
  typeOf(index: number): ValueType | undefined {
    const { groupEnds } = this;
    const { parameters } = this.type;
    if (index < parameters.length) return parameters[index];
    let low = 0;
    let high = groupEnds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (groupEnds[middle]! > index) high = middle;
      else low = middle + 1;
    }
    return this.code.localTypes[low];
  }
}
