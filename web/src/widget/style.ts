/** Styles of the widget, inside of its own tree: no rule of the page reaches it, and none of these the page. */
export const STYLE = `
:host {
  all: initial !important;
  display: block !important;
  color-scheme: inherit !important;
  font: 16px/1.45 system-ui, sans-serif !important;
}
section {
  --ground: #fff; --ink: #1c1620; --soft: #5d5563; --line: #b9b2c0; --bad: #b3261e;
  container-type: inline-size;
  box-sizing: border-box;
  max-width: 40rem;
  padding: 1rem;
  border: 1px solid var(--line);
  border-radius: 1rem;
  background: var(--ground);
  color: var(--ink);
}
@supports (color: light-dark(#000, #fff)) {
  section {
    --ground: light-dark(#fff, #1f1b24); --ink: light-dark(#1c1620, #f5f2f7); --soft: light-dark(#5d5563, #b4acbc);
    --line: light-dark(#b9b2c0, #55505c); --bad: light-dark(#b3261e, #ff9d94);
  }
}
p { margin: 0; overflow-wrap: anywhere; }
.heading { font-size: 1.2em; font-weight: 700; line-height: 1.3; }
ul { list-style: none; margin: .6rem 0; padding: 0; }
li { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .8rem; padding: .7rem 0; border-top: 1px solid var(--line); }
.what { flex: 1 1 12rem; min-width: 0; }
.name { font-weight: 600; }
.soft { color: var(--soft); font-size: .92em; }
.few { color: var(--bad); font-weight: 600; }
a, button {
  color: inherit; font: inherit; font-weight: 600; border-radius: 99px;
}
a.action, button {
  display: inline-flex; align-items: center; justify-content: center; box-sizing: border-box; min-height: 2.75rem;
  padding: .3rem 1.1rem; border: 1px solid transparent; background: #ffb81c; color: #1c1620; text-decoration: none; cursor: pointer;
}
a.action:hover, button:hover { background: #ffc94d; }
a.action.none { background: transparent; border-color: currentColor; color: inherit; }
a:focus-visible, button:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
button.more { display: flex; margin: 0 0 .4rem; background: transparent; border-color: currentColor; color: inherit; }
a.all { display: inline-block; padding: .4rem 0; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (max-width: 22rem) { a.action { width: 100%; } }
`;
