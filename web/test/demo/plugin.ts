import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import { DemoServer } from './server.ts'

/** What a careful installation sends with the page; nothing inline, nothing from elsewhere. */
const STRICT =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; worker-src 'self'; connect-src 'self' ws:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Puts the made-up server beside the page: `/api`, `/cognito`, `/live` and `config.json`. */
export function demoServer(): Plugin {
  const demo = new DemoServer()
  const serve = (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    void demo.answer(request, response).then((answered) => answered || next())
  }
  return {
    name: 'autocall-demo',
    configureServer(server) {
      server.middlewares.use(serve)
      demo.attach(server.httpServer as Server)
    },
    configurePreviewServer(server) {
      server.middlewares.use((_, response, next) => {
        response.setHeader('Content-Security-Policy', STRICT)
        next()
      })
      server.middlewares.use(serve)
      demo.attach(server.httpServer as Server)
    },
  }
}
