import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const require = createRequire(import.meta.url);

/** Puts the binaries of TensorFlow.js's wasm backend under `wasm/`, by the names that the backend asks for. */
const wasmBinaries: Plugin = {
  name: 'wasm-binaries',
  generateBundle() {
    for (const kind of ['', '-simd', '-threaded-simd']) {
      const name = `tfjs-backend-wasm${kind}.wasm`;
      this.emitFile({ type: 'asset', fileName: `wasm/${name}`, source: readFileSync(require.resolve(`@tensorflow/tfjs-backend-wasm/dist/${name}`)) });
    }
  },
};

/** Addresses are relative, so that the built pages work under any path. `npx vite` shows the pages against a server on 4319. */
export default defineConfig({
  base: './',
  plugins: [react(), wasmBinaries],
  resolve: { conditions: ['@gradstream/source', 'module', 'browser', 'development|production'] },
  worker: { format: 'es' },
  build: { target: 'es2023', sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 2_000 },
  server: { proxy: { '/api': 'http://127.0.0.1:4319' } },
});
