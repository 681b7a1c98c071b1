/** The stack of the stories: the real server, nats-server and Postgres on free ports, in a temporary folder. */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A first start makes a database and loads the demo data, in milliseconds. */
const PATIENCE = 120_000;
/** An address without a listener. */
const NOBODY = 'http://127.0.0.1:9';

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === 'object') done(address.port);
        else failed(new Error('no port is free'));
      });
    });
  });
}

export default async function setup(): Promise<() => void> {
  // A stack that runs already, for writing stories.
  if (process.env.STORIES_ORIGIN) return () => undefined;
  const top = resolve(import.meta.dirname, '../..');
  const program = process.env.TICKETSHOW_PROGRAM ?? join(top, 'target/release/ticketshow');
  const home = mkdtempSync(join(tmpdir(), 'ticketshow-stories-'));
  const port = await freePort();
  const ports = [
    'NATS',
    'NATS_MONITOR',
    'POSTGRES',
    'DODO',
    'SMTP',
    'INBOX',
    'OPENSEARCH',
    'OPENSEARCH_TRANSPORT',
    'S3',
    'S3_CONSOLE',
  ];
  const others = await Promise.all(
    ports.map(async (name) => [`TICKETSHOW_${name}_PORT`, String(await freePort())] as const),
  );
  const environment = {
    ...process.env,
    TICKETSHOW_HOME: home,
    TICKETSHOW_TOOLS: process.env.TICKETSHOW_TOOLS ?? join(top, '.local/bin'),
    TICKETSHOW_WEB: join(top, 'web/dist'),
    TICKETSHOW_PORT: String(port),
    TICKETSHOW_OPERATIONS_LISTEN: `127.0.0.1:${String(await freePort())}`,
    ...Object.fromEntries(others),
    // Postgres answers searches here: an index that starts beside the browser would be what is measured.
    OPENSEARCH_URL: process.env.OPENSEARCH_URL ?? NOBODY,
    // So short that a story can wait for a hold to lapse.
    TICKETSHOW_HOLD_SECONDS: '60',
    // All visitors come from one address, and a story may take longer than a sign-in is fresh.
    TICKETSHOW_REGISTRATIONS_PER_ADDRESS: '0',
    TICKETSHOW_REQUESTS_PER_ADDRESS: '0',
    TICKETSHOW_SEARCHES_PER_ADDRESS: '0',
    TICKETSHOW_COOL_DOWN_SECONDS: '0',
    TICKETSHOW_CONFIRMATION_SECONDS: '43200',
    // Tickets of tomorrow are checked in today.
    TICKETSHOW_CHECK_IN_SECONDS: '604800',
  };
  const stack = spawn(program, ['up'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((ready, failed) => {
    const timer = setTimeout(() => {
      failed(new Error('the stack was not ready in time'));
    }, PATIENCE);
    let said = '';
    stack.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      // The guide is printed last.
      if (said.includes('Ctrl-C')) {
        clearTimeout(timer);
        ready();
      }
    });
    stack.on('error', (error) => {
      clearTimeout(timer);
      failed(new Error(`${program} cannot be run: ${error.message}`));
    });
    stack.on('exit', (code) => {
      clearTimeout(timer);
      failed(new Error(`the stack ended with ${String(code)}:\n${said}`));
    });
  });
  process.env.STORIES_ORIGIN = `http://localhost:${String(port)}`;
  process.env.STORIES_MAILS = join(home, 'mails');
  process.env.STORIES_ADMIN_PASSWORD = readFileSync(join(home, 'secrets/admin'), 'utf8').trim();
  return () => {
    stack.removeAllListeners('exit');
    spawnSync(program, ['clean'], { env: environment });
    rmSync(home, { recursive: true, force: true });
  };
}
