import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the API: the local stack, unless TICKETSHOW_ORIGIN says otherwise. */
const origin = process.env.TICKETSHOW_ORIGIN ?? 'http://localhost:8000';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  server: {
    proxy: {
      // The API compares Origin with Host before it sets the cookie: both are rewritten to its own.
      '/api': {
        target: origin,
        changeOrigin: true,
        configure: (proxy) => {
          proxy.on('proxyReq', (request) => request.setHeader('origin', origin));
        },
      },
    },
  },
  build: {
    target: 'es2022',
    // Fonts and pictures stay files: the content security policy allows no data: fonts.
    assetsInlineLimit: 0,
    manifest: true,
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'], setupFiles: ['src/i18n/for-tests.ts'] },
});
