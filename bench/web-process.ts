import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/** The server of the web parts, with what Node keeps of compiled modules, as bin/rollcall.js tells it to. */
const [mode = '', folder = '', ...more] = process.argv.slice(2)
enableCompileCache(join(folder, 'compiled'))
const { serve } = await import('./web-serving.ts')
await serve([mode, folder, ...more])
