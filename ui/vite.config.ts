import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** `npm run dev:ui` shows pages that change as they are edited, beside a server that runs at its usual address. */
// The name of the server stays that of the page, or the server would see a change that comes from elsewhere.
const SERVER = { target: `http://127.0.0.1:${process.env.ROLLCALL_PORT ?? 8370}`, changeOrigin: false }

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    manifest: true,
    // Files become data: URLs otherwise, which the content security policy allows for images alone.
    assetsInlineLimit: 0,
    // The polyfill is an inline script; browsers that know modules know preloading too.
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: { proxy: { '/api': SERVER, '/docs': SERVER, '/openapi.json': SERVER } },
})
