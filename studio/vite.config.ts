import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` has put the server. */
const server = 'http://127.0.0.1:8484';

/** The studio's page. Its policy allows scripts and styles from files only: nothing is put inline. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: '../dist/studio',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // React and what else is bundled into the page, with their licences.
    license: { fileName: 'licenses.md' },
  },
  server: {
    strictPort: true,
    proxy: {
      '/api': {
        target: server,
        changeOrigin: true,
        // The server answers its own page only.
        configure: (proxy) => {
          proxy.on('proxyReq', (request) => {
            if (request.hasHeader('origin')) request.setHeader('origin', server);
          });
        },
      },
    },
  },
});
