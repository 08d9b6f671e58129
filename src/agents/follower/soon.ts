/** Does something a little later, once, however often it is begun until then. */
export class Soon {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly milliseconds: number) {}

  begin(action: () => void): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      action();
    }, this.milliseconds).unref();
  }
}
