import { defineConfig } from 'vite';

/** The widget for other sites: one classic script beside the app, with nothing of it. */
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2020',
    emptyOutDir: false,
    lib: { entry: 'src/widget/widget.ts', formats: ['iife'], name: 'TicketShowWidget', fileName: () => 'widget.js' },
  },
});
