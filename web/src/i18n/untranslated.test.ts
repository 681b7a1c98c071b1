import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const linter = new ESLint();

/** True if the linter sends a text of this code to the catalogue. */
async function isSentThere(code: string, path: string): Promise<boolean> {
  const [result] = await linter.lintText(code, { filePath: path });
  return result?.messages.some(({ message }) => message.includes('i18n')) ?? false;
}

const page = (element: string) => `export const page = (seats: number, busy: boolean) => ${element};`;

describe('a text beside the catalogue is refused', { timeout: 60_000 }, () => {
  const everywhere = [
    page('<p>Nothing here</p>'),
    page('<p>Sold</p>'),
    page('<nav aria-label="Administration" />'),
    page('<input placeholder="Press, sponsor" />'),
    page('<button title={`Key ${String(seats)}`} />'),
    page(`<p>{busy ? 'Sold' : null}</p>`),
    page(`say('The till is closed.')`),
    page('say(`Till open since ${String(seats)}`)'),
  ];
  const atWork = [
    page(`useTitle('Bookings')`),
    page(`[{ name: 'Amount', right: true }]`),
    page(`[{ to: '/admin', text: 'today' }]`),
    page('<p>{`${String(seats)} free`}</p>'),
    page('<p>{busy && `for ${String(seats)}`}</p>'),
    `const METHODS = { cash: 'Cash' };`,
  ];

  it.each(['pages', 'booking', 'door', 'admin/counter'])('in %s', async (folder) => {
    const cases = folder === 'door' || folder.startsWith('admin') ? [...everywhere, ...atWork] : everywhere;
    const passed = [];
    for (const code of cases) if (!(await isSentThere(code, `src/${folder}/example.tsx`))) passed.push(code);
    expect(passed).toEqual([]);
  });

  it('but no name of a class, key, route or time zone is', async () => {
    const fine = [
      page('<p className={`grid gap-4 ${busy ? "text-soft" : ""}`}>{seats} · {String(seats)} %</p>'),
      page(`onKey((event) => event.key === 'Escape')`),
      page('command("POST", `/screenings/${String(seats)}/blocks`)'),
      `const ZONES = ['Asia/Kolkata'];`,
      page('<p>{w.sale.sold}</p>'),
    ];
    const refused = [];
    for (const code of fine) if (await isSentThere(code, 'src/admin/example.tsx')) refused.push(code);
    expect(refused).toEqual([]);
  });

  it('and no constant of a module takes a text before it is loaded', async () => {
    const code = `export const TITLE = w.sale.sold;`;
    const [result] = await linter.lintText(code, { filePath: 'src/admin/example.ts' });
    expect(result?.messages.map(({ message }) => message)).toContainEqual(expect.stringMatching(/not loaded yet/));
  });
});
