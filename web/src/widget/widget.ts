/**
 * The widget that a house puts on its own site: the next screenings of a venue or a show, each with a way to its seats.
 *
 *     <script src="https://tickets.example.org/widget.js" data-venue="0190…" async></script>
 *
 * It reads one public list, sends no cookies and stores nothing. docs/widget.md has its attributes.
 */

import {
  addressOf,
  hasMore,
  headingOf,
  linesOf,
  MORE_MAX,
  pageOf,
  readOn,
  settingsFrom,
  type Line,
  type Page,
  type Part,
  type Settings,
} from './listing';
import { STYLE } from './style';
import { tagOf, textsIn } from './texts';

/** A list that is older is read again when its page comes back into sight, in milliseconds. */
const FRESH_MS = 60_000;

type Content = Part | 'loading' | 'failed';

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...inside: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}

class Widget {
  private readonly root: ShadowRoot;
  private readonly section: HTMLElement;
  private readAt = 0;
  /** What was read, and the number of lines that are shown of it. */
  private part: Part | null = null;
  private shown: number;

  constructor(
    host: HTMLElement,
    private readonly site: string,
    private readonly settings: Settings,
  ) {
    this.shown = settings.shown;
    this.root = host.attachShadow({ mode: 'open' });
    this.section = element('section', '');
    this.section.lang = settings.language;
    this.section.dir = 'ltr';
    const styled = 'adoptedStyleSheets' in this.root && 'replaceSync' in CSSStyleSheet.prototype;
    if (styled) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      this.root.adoptedStyleSheets = [sheet];
    } else {
      this.root.append(element('style', '', STYLE));
    }
    this.root.append(this.section);
  }

  start(): void {
    if (!this.settings.venue && !this.settings.show) {
      this.section.append(element('p', '', textsIn(this.settings.language).wrong));
      return;
    }
    this.show('loading');
    void this.read();
    document.addEventListener('visibilitychange', () => {
      const isOld = Date.now() - this.readAt > FRESH_MS;
      // Nothing is replaced under the keyboard.
      if (document.visibilityState === 'visible' && isOld && !this.root.activeElement) void this.read();
    });
  }

  /** Reads the list from its start, or on from what was read. */
  private async read(from: Part | null = null): Promise<void> {
    if (!from) this.readAt = Date.now();
    try {
      this.part = await readOn((limit, cursor) => this.page(limit, cursor), from, this.shown, Date.now());
      this.show(this.part);
    } catch {
      this.show('failed');
    }
  }

  private async page(limit: number, cursor: string | null): Promise<Page> {
    const response = await fetch(addressOf(this.site, this.settings, limit, cursor), {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      headers: { Accept: 'application/json', 'Accept-Language': this.settings.language },
    });
    if (!response.ok) throw new Error(String(response.status));
    return (await response.json()) as Page;
  }

  /** Shows as many again. The keyboard goes on at the first new one. */
  private async more(): Promise<void> {
    const before = this.root.querySelectorAll('li').length;
    this.shown = Math.min(this.shown + this.settings.shown, MORE_MAX);
    await this.read(this.part);
    this.root.querySelectorAll<HTMLElement>('li a')[before]?.focus();
  }

  private show(content: Content): void {
    const t = textsIn(this.settings.language);
    const screenings = typeof content === 'object' ? content.screenings : [];
    const heading = headingOf(screenings, this.settings);
    this.section.setAttribute('aria-label', heading);
    this.section.setAttribute('aria-busy', String(content === 'loading'));
    const parts: Node[] = [element('p', 'heading', heading)];
    if (content === 'loading') {
      parts.push(element('p', 'soft', t.loading));
    } else if (content === 'failed') {
      const status = element('p', '', t.failed);
      status.setAttribute('role', 'status');
      const again = element('button', '', t.again);
      again.type = 'button';
      again.addEventListener('click', () => {
        void this.read();
      });
      parts.push(status, again);
    } else {
      const now = Date.now();
      const lines = linesOf(this.site, screenings, this.settings, now, this.shown);
      const list = element('ul', '', ...lines.map((line) => this.item(line)));
      // Safari drops the role of a list without bullets.
      list.setAttribute('role', 'list');
      parts.push(lines.length > 0 ? list : element('p', 'soft', t.none));
      if (hasMore(content, this.shown, now)) {
        const more = element('button', 'more', t.more);
        more.type = 'button';
        more.addEventListener('click', () => {
          void this.more();
        });
        parts.push(more);
      }
      const all = element('a', 'all', t.all, this.inNewTab());
      all.href = pageOf(this.site, this.settings);
      this.opensApart(all);
      parts.push(all);
    }
    const wasHere = this.root.activeElement !== null;
    this.section.replaceChildren(...parts);
    // Whoever pressed "Try again" goes on from here.
    if (wasHere) this.section.querySelector<HTMLElement>('a, button')?.focus();
  }

  private item(line: Line): HTMLElement {
    const time = element('time', '', line.time);
    time.dateTime = line.startsAt;
    const name = element('p', 'name', line.name, ...(line.place ? [element('span', 'soft', ` · ${line.place}`)] : []));
    const left = element('span', line.state, line.left);
    const action = element('a', `action ${line.state}`, line.action);
    action.append(element('span', 'hidden', `${line.name}, ${line.time}`), this.inNewTab());
    action.href = line.link;
    this.opensApart(action);
    return element('li', '', element('div', 'what', name, element('p', 'soft', time, ' · ', left)), action);
  }

  private inNewTab(): HTMLElement {
    return element('span', 'hidden', `(${textsIn(this.settings.language).newTab})`);
  }

  private opensApart(link: HTMLAnchorElement): void {
    link.target = '_blank';
    link.rel = 'noopener';
  }
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  const ofPage = script.closest<HTMLElement>('[lang]')?.lang;
  const settings = settingsFrom(script.dataset, tagOf(script.dataset.language, ofPage));
  // A name of its own, which no rule for the elements of the page matches.
  const host = document.createElement('ticket-show');
  script.after(host);
  new Widget(host, new URL(script.src).origin, settings).start();
}
