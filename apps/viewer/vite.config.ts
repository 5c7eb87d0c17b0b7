import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Addresses are relative, so that the built pages work under any path. `npx vite` shows the pages against a server on 4319. */
export default defineConfig({
  base: './',
  plugins: [react()],
  resolve: { conditions: ['@gradstream/source', 'module', 'browser', 'development|production'] },
  worker: { format: 'es' },
  build: { target: 'es2023', sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 1_000 },
  server: { proxy: { '/api': 'http://127.0.0.1:4319' } },
});
