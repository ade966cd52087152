// Follows the end of the transcript while the reader is there, and never moves a reader who is elsewhere.

const nearEnd = 32;
const offerJump = 160;

export class ScrollFollower {
  private wasFollowing = true;
  private readonly scroller: HTMLElement;
  private readonly onChange: (offersJump: boolean) => void;
  private lastTop = 0;
  private offersJump = false;

  constructor(scroller: HTMLElement, onChange: (offersJump: boolean) => void) {
    this.scroller = scroller;
    this.onChange = onChange;
    scroller.addEventListener("scroll", () => this.look(), { passive: true });
    // A narrower panel or a growing question field moves the end away: stay with it.
    new ResizeObserver(() => this.settle()).observe(scroller);
  }

  /** True while the reader is at the end. One who has just scrolled up is not there, although its event is still to come. */
  get isFollowing(): boolean {
    return this.wasFollowing && !this.isAboveEnd();
  }

  /** A window that is coming up fills the panel before it shows it: nothing has a size then, and every place looks like the end. */
  get isOnScreen(): boolean {
    return this.scroller.clientHeight > 0;
  }

  /** After content has changed: to the end, if the reader was there. */
  settle(): void {
    // Content can change between a reader's scrolling up and its event: that must not pull them back.
    this.wasFollowing = this.isFollowing;
    if (this.wasFollowing) this.toEnd();
    else this.tell();
  }

  toEnd(): void {
    this.wasFollowing = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.lastTop = this.scroller.scrollTop;
    this.tell();
  }

  /** After the reader moved, or opened or closed a fold. */
  look(): void {
    if (!this.isOnScreen) return;
    this.wasFollowing = this.distance() < nearEnd || this.isFollowing;
    this.lastTop = this.scroller.scrollTop;
    this.tell();
  }

  /** Stops following, for a place that is about to be restored, or a fold whose growth must not push it away. */
  leave(): void {
    this.wasFollowing = false;
  }

  /** Content that grew below leaves the reader where they were: only scrolling up means leaving the end. */
  private isAboveEnd(): boolean {
    return this.scroller.scrollTop < this.lastTop && this.distance() >= nearEnd;
  }

  private distance(): number {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
  }

  private tell(): void {
    const offersJump = !this.isFollowing && this.distance() > offerJump;
    if (offersJump === this.offersJump) return;
    this.offersJump = offersJump;
    this.onChange(offersJump);
  }
}
